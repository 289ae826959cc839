# SPDX-License-Identifier: MIT
# shellcheck shell=dash
