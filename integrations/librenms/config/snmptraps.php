<?php

// Into the trap_handlers of config/snmptraps.php, by ../install.

return [
    'trap_handlers' => [
        'MPTCP-WAN-MIB::mptcpWanAlarmCleared' => \LibreNMS\Snmptrap\Handlers\MptcpWanAlarm::class,
        'MPTCP-WAN-MIB::mptcpWanAlarmRaised' => \LibreNMS\Snmptrap\Handlers\MptcpWanAlarm::class,
    ],
];
