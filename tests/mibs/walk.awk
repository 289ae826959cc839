# SPDX-License-Identifier: MIT
#
# Judges a walk, `snmpbulkwalk -m "" -On -Ox`, by the lines of objects.awk:
#	awk -v root=.1.3... -f walk.awk OBJECTS WALK
# `root` is the OID of mptcpWanObjects. Prints what is wrong; a line begins with order, object, type, value or row.

BEGIN {
	FS = "\t"
	printed["Gauge32"] = "Gauge32"
	printed["Counter64"] = "Counter64"
	printed["INTEGER"] = "INTEGER"
	printed["TimeTicks"] = "Timeticks"
	printed["OCTET STRING"] = printed["BITS"] = "Hex-STRING"
}

# Is a before b, arc by arc?
function before(a, b,    as, bs, i, n, m) {
	n = split(substr(a, 2), as, ".")
	m = split(substr(b, 2), bs, ".")
	for (i = 1; i <= n && i <= m; i++)
		if (as[i] + 0 != bs[i] + 0)
			return as[i] + 0 < bs[i] + 0
	return n < m
}

# The object of an instance, by its OID under root; "" for none. A column's instance is the column and its table's
# indexes.
function object_of(oid,    column, i) {
	if (oid in base)
		return oid ~ /\.0$/ ? oid : ""
	column = oid
	for (i = 0; i < indexes[int(oid)]; i++)
		sub(/\.[0-9]+$/, "", column)
	return column in base && column !~ /\.0$/ ? column : ""
}

FILENAME == ARGV[1] && $4 == "index" {
	indexes[int($1)]++
	next
}
FILENAME == ARGV[1] {
	base[$1] = $3
	convention[$1] = $4
	words[$1] = $6
	absent[$1] = $7 == "maybe"
	next
}

# The end of the view, or the rest of a long string.
/ = No more variables/ || !/^\.1/ { next }

{
	at = index($0, " = ")
	full = substr($0, 1, at - 1)
	value = substr($0, at + 3)
	if (last && !before(last, full))
		print "order: " full " after " last
	last = full
	# -Ox shows an empty string without its type.
	type = value == "\"\"" ? "Hex-STRING" : value
	sub(/: .*/, "", type)
	sub(/^[^:]*: */, "", value)
	oid = index(full, root ".") == 1 ? substr(full, length(root) + 2) : "-"
	object = object_of(oid)
	if (!object) {
		print "object: " full " is of no object"
		next
	}
	seen[oid] = 1
	if (object != oid)
		rows[substr(object, 1, index(object, ".")) "1", substr(oid, length(object) + 2)] = 1
	if (type != printed[base[object]])
		print "type: " full " is " type ", not " base[object]
	else if (words[object] != "-" && base[object] == "INTEGER" && !index(words[object], "(" value ")"))
		print "value: " full " is " value ", not one of " words[object]
	else if (convention[object] == "TruthValue" && value !~ /^[12]$/)
		print "value: " full " is " value ", neither true(1) nor false(2)"
	else if (convention[object] == "DateAndTime" && split(value, octets, " ") != 8 && split(value, octets, " ") != 11)
		print "value: " full " is no DateAndTime: " value
}

END {
	for (object in base) {
		if (absent[object])
			continue
		if (object ~ /\.0$/ && !(object in seen))
			print "row: " root "." object " is missing"
		for (row in rows) {
			split(row, of, SUBSEP)
			if (index(object, of[1] ".") == 1 && !((object "." of[2]) in seen))
				print "row: " root "." object "." of[2] " is missing"
		}
	}
}
