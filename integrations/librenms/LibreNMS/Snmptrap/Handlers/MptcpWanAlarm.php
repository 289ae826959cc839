<?php

/**
 * MptcpWanAlarm.php
 *
 * An alarm of a WAN line bonded with MPTCP, or of bonding as a whole: raised, worse, or cleared.
 *
 * Both notifications of MPTCP-WAN-MIB carry the whole row of the alarm log, so nothing is asked of the device. What
 * comes twice has the same record number.
 *
 * SPDX-License-Identifier: MIT
 */

namespace LibreNMS\Snmptrap\Handlers;

use App\Models\Device;
use LibreNMS\Enum\Severity;
use LibreNMS\Interfaces\SnmptrapHandler;
use LibreNMS\Snmptrap\Trap;

class MptcpWanAlarm implements SnmptrapHandler
{
    /**
     * Handle snmptrap.
     *
     * @param  Device  $device
     * @param  Trap  $trap
     * @return void
     */
    public function handle(Device $device, Trap $trap)
    {
        $severity = $this->column($trap, 'Severity');
        $transition = match ($this->column($trap, 'Transition')) {
            'worsened', '2' => 'worsened',
            'cleared', '3' => 'cleared',
            default => 'raised',
        };

        // The same words as the state sensor mptcpWanAlarmSeverity: what is critical there is an error here. snmptrapd
        // gives numbers instead of words when it is told to.
        $color = $transition === 'cleared' ? Severity::Ok : match ($severity) {
            'critical', '6', 'major', '5' => Severity::Error,
            'minor', '4', 'warning', '3' => Severity::Warning,
            default => Severity::Info,
        };

        $about = [$this->column($trap, 'Type'), $severity, 'record ' . $this->column($trap, 'Sequence')];
        $label = $this->column($trap, 'WanLabel');
        if ($label !== '') {
            $about[] = $label;
        }

        // The text begins with the name of the WAN, if it is of one.
        $text = $this->column($trap, 'Text');
        $trap->log("MPTCP WAN alarm $transition (" . implode(', ', $about) . "): $text", $color);
    }

    private function column(Trap $trap, string $name): string
    {
        return (string) $trap->getOidData((string) $trap->findOid("MPTCP-WAN-MIB::mptcpWanLog$name."));
    }
}
