#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""yaml_json.py FILE: as JSON, for what reads no YAML. A key that stands twice is an error, as to strict readers."""
import json
import sys

import yaml


class Strict(yaml.SafeLoader):
    def construct_mapping(self, node, deep=False):
        keys = [key.value for key, _ in node.value]
        for key in keys:
            if keys.count(key) > 1:
                sys.exit(f"{sys.argv[1]}: line {node.start_mark.line + 1}: {key} stands there twice")
        return super().construct_mapping(node, deep=deep)


def main():
    with open(sys.argv[1], encoding="utf-8") as file:
        try:
            json.dump(yaml.load(file, Strict), sys.stdout)
        except yaml.YAMLError as fault:
            sys.exit(f"{sys.argv[1]}: {fault}")


main()
