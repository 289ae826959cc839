<?php

/**
 * MptcpWanAlarmTest.php
 *
 * SPDX-License-Identifier: MIT
 */

namespace LibreNMS\Tests\Feature\SnmpTraps;

use LibreNMS\Enum\Severity;

final class MptcpWanAlarmTest extends SnmpTrapTestCase
{
    private const ABOUT_WAN5 = <<<'TRAP'
MPTCP-WAN-MIB::mptcpWanLogType.1 upButIdle
MPTCP-WAN-MIB::mptcpWanLogCause.1 subflowLimit
MPTCP-WAN-MIB::mptcpWanLogSeverity.1 major
MPTCP-WAN-MIB::mptcpWanLogWanName.1 wan5
MPTCP-WAN-MIB::mptcpWanLogWanLabel.1 Fibre, 1st floor
MPTCP-WAN-MIB::mptcpWanLogIfIndex.1 6
MPTCP-WAN-MIB::mptcpWanLogState.1 unjoined
MPTCP-WAN-MIB::mptcpWanLogSubflows.1 0 subflows
MPTCP-WAN-MIB::mptcpWanLogShareIn.1 0 hundredths of a percent
MPTCP-WAN-MIB::mptcpWanLogShareOut.1 0 hundredths of a percent
MPTCP-WAN-MIB::mptcpWanLogWansCarrying.1 4 WANs
MPTCP-WAN-MIB::mptcpWanLogWansJoined.1 4 WANs
MPTCP-WAN-MIB::mptcpWanLogWansConfigured.1 6 WANs
TRAP;

    public function testLineRaised(): void
    {
        $this->assertTrapLogsMessage($this->trap('Raised', 'raised', self::ABOUT_WAN5,
            'wan5: no subflow; the subflow limit 3 leaves room for 1+3 lines of 6'),
            'MPTCP WAN alarm raised (upButIdle, major, record 1, Fibre, 1st floor): '
            . 'wan5: no subflow; the subflow limit 3 leaves room for 1+3 lines of 6',
            'Could not handle mptcpWanAlarmRaised',
            [Severity::Error],
        );
    }

    public function testLineWorsened(): void
    {
        $this->assertTrapLogsMessage($this->trap('Raised', 'worsened',
            str_replace('major', 'minor', self::ABOUT_WAN5), 'wan5: a backup line carries'),
            'MPTCP WAN alarm worsened (upButIdle, minor, record 1, Fibre, 1st floor): wan5: a backup line carries',
            'Could not handle mptcpWanAlarmRaised of an alarm that became worse',
            [Severity::Warning],
        );
    }

    /** How bad it had been is told, but it is good news. */
    public function testLineCleared(): void
    {
        $this->assertTrapLogsMessage($this->trap('Cleared', 'cleared', self::ABOUT_WAN5, 'wan5: carries again'),
            'MPTCP WAN alarm cleared (upButIdle, major, record 1, Fibre, 1st floor): wan5: carries again',
            'Could not handle mptcpWanAlarmCleared',
            [Severity::Ok],
        );
    }

    /** Without a name, and with an empty label. */
    public function testHostRaised(): void
    {
        $this->assertTrapLogsMessage($this->trap('Raised', 'raised', <<<'TRAP'
MPTCP-WAN-MIB::mptcpWanLogType.1 noEndpoints
MPTCP-WAN-MIB::mptcpWanLogCause.1 noEndpoints
MPTCP-WAN-MIB::mptcpWanLogSeverity.1 critical
MPTCP-WAN-MIB::mptcpWanLogWanName.1 
MPTCP-WAN-MIB::mptcpWanLogWanLabel.1 
MPTCP-WAN-MIB::mptcpWanLogIfIndex.1 0
TRAP, 'all endpoints are gone'),
            'MPTCP WAN alarm raised (noEndpoints, critical, record 1): all endpoints are gone',
            'Could not handle mptcpWanAlarmRaised of the host',
            [Severity::Error],
        );
    }

    /** As `mptcp-wan-agent --test-notification` sends it. */
    public function testTest(): void
    {
        $this->assertTrapLogsMessage($this->trap('Raised', 'raised',
            str_replace('major', 'info', self::ABOUT_WAN5), 'This is a test of the way to the manager'),
            'MPTCP WAN alarm raised (upButIdle, info, record 1, Fibre, 1st floor): '
            . 'This is a test of the way to the manager',
            'Could not handle the test notification',
            [Severity::Info],
        );
    }

    /** snmptrapd gives numbers for words when it is told to. */
    public function testNumbers(): void
    {
        $this->assertTrapLogsMessage($this->trap('Raised', '2', <<<'TRAP'
MPTCP-WAN-MIB::mptcpWanLogType.1 2
MPTCP-WAN-MIB::mptcpWanLogCause.1 20
MPTCP-WAN-MIB::mptcpWanLogSeverity.1 5
MPTCP-WAN-MIB::mptcpWanLogWanName.1 wan2
MPTCP-WAN-MIB::mptcpWanLogWanLabel.1 
TRAP, 'wan2: no carrier'),
            'MPTCP WAN alarm worsened (2, 5, record 1): wan2: no carrier',
            'Could not handle mptcpWanAlarmRaised with numbers',
            [Severity::Error],
        );
    }

    private function trap(string $which, string $transition, string $about, string $text): string
    {
        return <<<TRAP
{{ hostname }}
UDP: [{{ ip }}]:57602->[192.0.2.162]:162
SNMPv2-MIB::sysUpTime.0 0:0:00:13.28
SNMPv2-MIB::snmpTrapOID.0 MPTCP-WAN-MIB::mptcpWanAlarm$which
MPTCP-WAN-MIB::mptcpWanLogEpoch.1 1795376362
MPTCP-WAN-MIB::mptcpWanLogSequence.1 1
MPTCP-WAN-MIB::mptcpWanLogTransition.1 $transition
MPTCP-WAN-MIB::mptcpWanLogTime.1 2026-11-22,19:39:35.0,+0:0
$about
MPTCP-WAN-MIB::mptcpWanLogText.1 $text
TRAP;
    }
}
