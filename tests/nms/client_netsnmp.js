// SPDX-License-Identifier: MIT
//
// An SNMP manager made of npm's net-snmp, for clients.sh: node client_netsnmp.js VERSION ADDRESS:PORT VERB ARGUMENT...
//
//	walk N ROOT           each object below ROOT, by GETBULK with N repetitions; by GETNEXT in SNMPv1
//	tables ROOT...        each table as a table: its rows have no types
//	get|next OID , ...    one request each
//	bulk N OID , ...      the same
//
// VERSION, COMMUNITY, PASSWORD, the user and what it prints are those of client_pysnmp.py; a type of a table is `-`.
// NODE_PATH: where net-snmp is.
"use strict";
const snmp = require("net-snmp");

const WORDS = {Integer: "INTEGER", OctetString: "OCTETS", Gauge: "Gauge32", TimeTicks: "Timeticks", Counter64: "Counter64"};

function open(version, address)
{
	const [host, port] = address.split(":");
	const options = {port: Number(port), timeout: 5000, retries: 2};

	if (version !== "3")
		return snmp.createSession(host, process.env.COMMUNITY || "public",
			{...options, version: version === "1" ? snmp.Version1 : snmp.Version2c});
	return snmp.createV3Session(host, {
		name: "manager", level: snmp.SecurityLevel.authPriv,
		authProtocol: snmp.AuthProtocols.sha, authKey: process.env.PASSWORD || "authenticate",
		privProtocol: snmp.PrivProtocols.aes, privKey: "encrypt-it",
	}, {...options, version: snmp.Version3});
}

// A counter of 64 bits is told as its octets.
function number(octets)
{
	return octets.length ? BigInt("0x" + octets.toString("hex")) : 0n;
}

function line({oid, type, value})
{
	const name = snmp.ObjectType[type];

	if (snmp.isVarbindError({oid, type}))
		return `.${oid} ${name}`;
	if (name === "Counter64")
		return `.${oid} Counter64 ${number(value)}`;
	return `.${oid} ${WORDS[name] || name} ${Buffer.isBuffer(value) ? value.toString("hex") : value}`.trimEnd();
}

function tell(varbinds)
{
	for (const varbind of varbinds.flat())
		console.log(line(varbind));
}

// An error that the agent told is an answer; any other is ours.
function ended(error)
{
	if (error instanceof snmp.RequestFailedError)
		console.log("error", error.message[0].toLowerCase() + error.message.slice(1).replace(/:.*/, ""));
	else if (error) {
		console.error(String(error));
		process.exitCode = 1;
	}
}

function table(session, roots, done)
{
	const [root, ...others] = roots;

	if (!root)
		return done(null);
	return session.table(root, 20, (error, rows) => {
		if (error)
			return done(error);
		for (const [index, row] of Object.entries(rows))
			for (const [column, value] of Object.entries(row))
				console.log(`.${root}.1.${column}.${index} - ${Buffer.isBuffer(value) ? value.toString("hex") : value}`
					.trimEnd());
		return table(session, others, done);
	});
}

// Each group of OIDs, up to a comma, is a request.
function each(groups, ask, done)
{
	const [group, ...others] = groups;

	if (!group)
		return done(null);
	return ask(group, (error, varbinds) => {
		if (!error)
			tell(varbinds);
		if (error && !(error instanceof snmp.RequestFailedError))
			return done(error);
		ended(error);
		return each(others, ask, done);
	});
}

const [version, address, verb, ...rest] = process.argv.slice(2);
const repetitions = verb === "walk" || verb === "bulk" ? Number(rest.shift()) : 0;
const groups = rest.join(" ").split(",").map(group => group.trim().split(/ +/).map(oid => oid.replace(/^\./, "")));
const session = open(version, address);
const done = error => {
	ended(error);
	session.close();
};

switch (verb) {
case "walk":	session.subtree(groups[0][0], repetitions, tell, done); break;
case "tables":	table(session, groups[0], done); break;
case "get":	each(groups, (oids, told) => session.get(oids, told), done); break;
case "next":	each(groups, (oids, told) => session.getNext(oids, told), done); break;
case "bulk":	each(groups, (oids, told) => session.getBulk(oids, 0, repetitions, told), done); break;
default:	throw new Error(`no such verb: ${verb}`);
}
