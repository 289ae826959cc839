#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""json_valid.py SCHEMA LISTING FILE: is what a subcommand printed as doc/ says? Says where it is not."""
import json
import sys

import jsonschema


def main():
    schema_path, listing, path = sys.argv[1:]
    with open(schema_path, encoding="utf-8") as file:
        schema = json.load(file)
    if schema["$defs"].get(listing) in (None, True):
        sys.exit(f"{schema_path} says nothing of {listing}")
    # The definitions refer to each other, so all of them come along.
    schema["$ref"] = f"#/$defs/{listing}"
    with open(path, encoding="utf-8") as file:
        document = json.load(file)
    faults = list(jsonschema.Draft202012Validator(schema).iter_errors(document))
    for fault in faults[:20]:
        print(f"{path}: {fault.json_path}: {fault.message[:300]}", file=sys.stderr)
    sys.exit(1 if faults else 0)


main()
