#!/bin/sh
# SPDX-License-Identifier: MIT
#
# tests/faults/memory.sh with every allocation refused once, instead of some: a good hour.

NOMEM_MOST=0 NOMEM_JOBS=${NOMEM_JOBS:-4} exec "$(dirname "$0")/../faults/memory.sh"
