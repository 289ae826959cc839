# SPDX-License-Identifier: MIT
#
# From the XML of smidump to one object a line, with the fields of metrics_table.c. An index has the convention `index`.
# What smidump leaves to other modules is told in `base`.

BEGIN {
	FS = "\""
	OFS = "\t"
	base["Counter64"] = "Counter64"
	base["Gauge32"] = base["Unsigned32"] = base["InetPortNumber"] = "Gauge32"
	base["TimeStamp"] = "TimeTicks"
	base["TruthValue"] = base["InetAddressType"] = base["InterfaceIndexOrZero"] = base["Enumeration"] = "INTEGER"
	base["OctetString"] = base["DisplayString"] = base["SnmpAdminString"] = "OCTET STRING"
	base["DateAndTime"] = base["InetAddress"] = "OCTET STRING"
	base["Bits"] = "BITS"
}

/<node name="mptcpWanObjects"/ { root = $4 "." }

# Our own conventions, then the objects.
/<typedef name=/ { convention = $2; base[convention] = base[$4] }
/<\/typedefs>/ { convention = "" }
/<namednumber / && convention {
	words[convention] = words[convention] (words[convention] ? "," : "") $2 "(" $4 ")"
}

/<(scalar|column) name=/ {
	name = $2
	oid = substr($4, length(root) + 1) ($0 ~ /<scalar/ ? ".0" : "")
	type = range = index_ = ""
	unit = absent = "-"
}
name && /<typedef basetype=/ { type = $2 }
name && /<(type|parent) module=/ { type = $4 }
name && /<range / { range = "(" $2 ".." $4 ")" }
name && /<access>noaccess/ { index_ = 1 }
name && /<units>/ { unit = $0; gsub(/ *<\/?units>/, "", unit) }
name && /^ *Absent / { absent = "maybe" }
name && /<\/(scalar|column)>/ {
	shown = "-"
	if (index_)
		shown = "index"
	else if (type ~ /^(DisplayString|SnmpAdminString|MptcpWanText)$/)
		shown = "text" range
	else if (type == "Unsigned32")
		shown = "row"
	else if (type ~ /^(TruthValue|DateAndTime|TimeStamp|InterfaceIndexOrZero|Inet.*)$/)
		shown = type
	print oid, name, type in base ? base[type] : type, shown, unit, type in words ? words[type] : "-", absent
	name = ""
}
