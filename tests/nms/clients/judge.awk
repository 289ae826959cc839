# SPDX-License-Identifier: MIT
#
# Did a client see what snmpbulkwalk saw just before and just after it?
#	awk -v version=1|2c|3 -v roots="OID..." [-v rising=1] [-v counts=FILE] -f judge.awk BEFORE AFTER CLIENT
# The first two are walks with `-m "" -On -Ox`, the third one is what client_pysnmp.py prints. Only what is below the
# roots counts. Prints what is wrong; a line begins with moved (the walks differ: ask again), error, order, missing,
# extra, type or value. A value must be theirs where these two have the same. Into FILE: how many instances there
# were, and how many values were compared. With -v tell=1 and a walk alone: prints it as a client would.

FNR == 1 { file++ }

# Is a before b, arc by arc?
function before(a, b,    as, bs, i, n, m) {
	n = split(substr(a, 2), as, ".")
	m = split(substr(b, 2), bs, ".")
	for (i = 1; i <= n && i <= m; i++)
		if (as[i] + 0 != bs[i] + 0)
			return as[i] + 0 < bs[i] + 0
	return n < m
}

function below(oid,    i, n, list) {
	n = split(roots, list, " ")
	for (i = 1; i <= n; i++)
		if (index(oid, list[i] ".") == 1)
			return 1
	return 0
}

# ---- the walks ----

file < 3 && /^\.1[.0-9]* = / {
	oid = ""
	if (/ = No more variables/ || !below($1) || (version == "1" && $3 == "Counter64:"))
		next
	oid = $1
	order[++walked] = oid
	types[file, oid] = $3 == "\"\"" || $3 == "Hex-STRING:" ? "OCTETS" : substr($3, 1, length($3) - 1)
	values[file, oid] = $4
	if ($3 == "Timeticks:")
		gsub(/[()]/, "", values[file, oid])
	if (types[file, oid] != "OCTETS")
		next
	values[file, oid] = ""
	$1 = $2 = $3 = ""
}
# The rest of the line, and more such lines, are octets.
file < 3 {
	if (oid && types[file, oid] == "OCTETS") {
		gsub(/ /, "")
		values[file, oid] = values[file, oid] tolower($0)
	}
	next
}

# ---- the client ----

!/^\.1/ { print "error: " $0; next }
{
	seen[$1]++
	if (rising && last && !before(last, $1))
		print "order: " $1 " after " last
	last = $1
	if (!((1, $1) in types)) {
		print "extra: " $0
		next
	}
	type = types[1, $1]
	if ($2 != type && $2 != "-")
		print "type: " $1 " is " $2 ", not " type
	# Of a row without types, a counter of 64 bits is its octets.
	else if (values[1, $1] == values[2, $1] && !($2 == "-" && type == "Counter64")) {
		compared++
		if ($3 != values[1, $1])
			print "value: " $1 " is " $3 ", not " values[1, $1]
	}
}

END {
	if (tell) {
		for (i = 1; i <= walked; i++)
			print order[i], types[1, order[i]], values[1, order[i]]
		exit
	}
	for (pair in types) {
		split(pair, of, SUBSEP)
		if (!((3 - of[1], of[2]) in types)) {
			print "moved: " of[2]
			continue
		}
		if (of[1] == 2)
			continue
		instances++
		if (!(of[2] in seen) || seen[of[2]] > 1)
			print (of[2] in seen ? "extra: twice " : "missing: ") of[2]
	}
	if (counts)
		print instances + 0, compared + 0 >counts
}
