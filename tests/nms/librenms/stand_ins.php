<?php
// SPDX-License-Identifier: MIT
//
// As much of LibreNMS as a trap handler and its test see of it, in our own words: what the documentation of LibreNMS
// says of traps, and no more. For the tests only; real LibreNMS is not in Debian.

namespace App\Models {
    class Device
    {
        public int $device_id = 1;
        public string $hostname = 'router';
        public string $ip = '192.0.2.1';
    }
}

namespace LibreNMS\Enum {
    enum Severity: int
    {
        case Unknown = 0;
        case Ok = 1;
        case Info = 2;
        case Notice = 3;
        case Warning = 4;
        case Error = 5;
    }
}

namespace LibreNMS\Interfaces {
    interface SnmptrapHandler
    {
        public function handle(\App\Models\Device $device, \LibreNMS\Snmptrap\Trap $trap);
    }
}

namespace LibreNMS\Snmptrap {
    use LibreNMS\Enum\Severity;

    // The text that snmptrapd hands over: a line with the name, one with the addresses, then object and value.
    class Trap
    {
        public array $logged = [];  // [message, severity, type, reference] each
        private array $values = [];

        public function __construct(public readonly string $raw)
        {
            foreach (array_slice(explode("\n", trim($raw)), 2) as $line) {
                [$object, $value] = explode(' ', $line, 2);
                $this->values[$object] = trim($value, '"');
            }
        }

        public function findOid(array|string $search): string
        {
            foreach (array_keys($this->values) as $object) {
                foreach ((array) $search as $part) {
                    if (str_contains($object, $part)) {
                        return $object;
                    }
                }
            }

            return '';
        }

        public function getOidData(string $object): string
        {
            return $this->values[$object] ?? '';
        }

        public function getTrapOid(): string
        {
            return $this->getOidData('SNMPv2-MIB::snmpTrapOID.0');
        }

        public function log(string $message, Severity $severity = Severity::Info, string $type = 'trap',
            int|string|null $reference = null): void
        {
            $this->logged[] = [$message, $severity, $type, $reference];
        }
    }

    class Dispatcher
    {
        public static array $handlers = [];

        public static function handle(Trap $trap): bool
        {
            $class = self::$handlers[$trap->getTrapOid()] ?? null;
            if ($class === null) {
                return false;
            }
            (new $class)->handle(new \App\Models\Device, $trap);

            return true;
        }
    }
}

namespace LibreNMS\Tests\Feature\SnmpTraps {
    use LibreNMS\Snmptrap\Dispatcher;
    use LibreNMS\Snmptrap\Trap;

    if (class_exists(\PHPUnit\Framework\TestCase::class)) {
        abstract class SnmpTrapTestCase extends \PHPUnit\Framework\TestCase
        {
            // The arguments after the message are compared as they were given; what was left out must be the default.
            protected function assertTrapLogsMessage(string $rawTrap, string|array $log, string $failureMessage = '',
                array $args = [], ?\App\Models\Device $device = null): void
            {
                $device ??= new \App\Models\Device;
                $fill = fn ($text) => str_replace(['{{ hostname }}', '{{ ip }}'], [$device->hostname, $device->ip], $text);
                $trap = new Trap($fill($rawTrap));
                $this->assertTrue(Dispatcher::handle($trap), $failureMessage);
                $expected = array_map(fn ($message) => array_replace([$fill($message), null, 'trap', null],
                    array_combine(array_slice([1, 2, 3], 0, count($args)), $args)), (array) $log);
                $this->assertEquals($expected, $trap->logged);
            }
        }
    }
}

namespace {
    $librenms = getenv('LIBRENMS') ?: exit('LIBRENMS: the folder with LibreNMS/ and config/');
    spl_autoload_register(function ($class) use ($librenms) {
        $file = $librenms . '/' . str_replace('\\', '/', $class) . '.php';
        if (is_file($file)) {
            require $file;
        }
    });
    \LibreNMS\Snmptrap\Dispatcher::$handlers = (require $librenms . '/config/snmptraps.php')['trap_handlers'];
}
