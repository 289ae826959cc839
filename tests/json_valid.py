#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""json_valid.py SCHEMA LISTING FILE...: is what a subcommand printed as doc/ says? Says where it is not."""
import json
import sys

import jsonschema


def main():
    schema_path, listing, *paths = sys.argv[1:]
    with open(schema_path, encoding="utf-8") as file:
        schema = json.load(file)
    if schema["$defs"].get(listing) in (None, True):
        sys.exit(f"{schema_path} says nothing of {listing}")
    # The definitions refer to each other, so all of them come along.
    schema["$ref"] = f"#/$defs/{listing}"
    validator = jsonschema.Draft202012Validator(schema)
    valid = True
    for path in paths:
        with open(path, encoding="utf-8") as file:
            document = json.load(file)
        for fault in list(validator.iter_errors(document))[:20]:
            valid = False
            print(f"{path}: {fault.json_path}: {fault.message[:300]}", file=sys.stderr)
    sys.exit(0 if valid else 1)


main()
