#!/bin/sh
# SPDX-License-Identifier: MIT
#
# The soak for 20 minutes, or as tests/soak/soak.sh is told: soak.sh --hours 24

[ $# -gt 0 ] || set -- --minutes 20
exec "$(dirname "$0")/../soak/soak.sh" "$@"
