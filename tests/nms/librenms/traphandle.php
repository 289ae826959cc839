<?php
// SPDX-License-Identifier: MIT
//
// What snmptrapd runs for a trap, in the place of LibreNMS's snmptrap.php: prints a line an entry of
// the event log, with severity, type and message, tabs between; or that nobody knows the trap.

require __DIR__ . '/stand_ins.php';

$trap = new LibreNMS\Snmptrap\Trap(stream_get_contents(STDIN));
if (! LibreNMS\Snmptrap\Dispatcher::handle($trap)) {
    echo "unhandled\t" . $trap->getTrapOid() . "\n";
}
foreach ($trap->logged as [$message, $severity, $type]) {
    echo "$severity->name\t$type\t$message\n";
}
