// SPDX-License-Identifier: MIT
'use strict';
/*
 * What luci-app-statistics makes of a graph definition: the files that it knows of, and the arguments for `rrdtool
 * graph`. Written from its behaviour, traps included: a definition that it stumbles over, or has words that it would
 * pass over, is an error here. Where its newer version differs from the older, both have to do.
 */
const fs = require('fs');
const path = require('path');

/* ---- the tree of files: host, plugin and its instance, type and its instance ---- */

function folders(dir) {
	return fs.readdirSync(dir, { withFileTypes: true }).filter((entry) => entry.isDirectory())
		.map((entry) => entry.name);
}

/* Both names end at the first dash; the rest is the instance. */
function split(name) {
	const dash = name.indexOf('-');

	return dash < 0 ? [ name, '' ] : [ name.slice(0, dash), name.slice(dash + 1) ];
}

class Tree {
	constructor(dir) {
		this.dir = dir;
	}

	places(host, plugin) {
		return folders(path.join(this.dir, host)).map(split).filter(([ name ]) => name == plugin)
			.map(([ , place ]) => place);
	}

	files(host, plugin, place) {
		const dir = path.join(this.dir, host, place ? plugin + '-' + place : plugin);

		return !fs.existsSync(dir) ? [] : fs.readdirSync(dir).filter((name) => name.endsWith('.rrd'))
			.map((name) => split(name.slice(0, -4)));
	}

	/* What a definition may ask for. */
	pluginInstances(host, plugin) {
		return this.places(host, plugin);
	}

	dataTypes(host, plugin, place) {
		return [ ...new Set(this.files(host, plugin, place).map(([ type ]) => type)) ].sort();
	}

	dataInstances(host, plugin, place, type) {
		return this.files(host, plugin, place).filter(([ name ]) => name == type)
			.map(([ , instance ]) => instance).sort();
	}

	mkrrdpath(host, plugin, place, type, instance) {
		return path.join(this.dir, host, place ? plugin + '-' + place : plugin,
			(instance ? type + '-' + instance : type) + '.rrd').replace(/[\\:]/g, '\\$&');
	}
}

/* ---- what is drawn ---- */

function named(text, where) {
	const values = { H: where.host, pn: where.plugin, pi: where.place, di: where.instance || '' };

	return text.replace(/%(H|pn|pi|di)/g, (all, name) => values[name]);
}

/* The first that has options for a value wins. */
function options_of(data, type, instance, source) {
	const keys = [
		type + '_' + instance.replace(/\W/g, '_') + '_' + source, type + '__' + source,
		instance ? type + '_' + instance : type, type
	];

	return (data.options || {})[keys.find((key) => (data.options || {})[key])] || {};
}

function sources_of(data, type, instance) {
	const sources = data.sources || {};

	return sources[instance ? type + '_' + instance : type] || sources[type] || [ 'value' ];
}

/* Each value of a graph, in the order in which it is drawn. */
function values_of(tree, def, where) {
	const values = [], data = def.data;

	const file_of = (type, instance) => tree.mkrrdpath(where.host, where.plugin, where.place, type, instance);

	for (const type of data.types || Object.keys(data.instances || data.sources)) {
		let instances = (data.instances || {})[type];

		if (!Array.isArray(instances) && !def.per_instance)
			instances = tree.dataInstances(where.host, where.plugin, where.place, type);
		if (!instances || !instances.length)
			instances = [ '' ];
		for (const instance of instances)
			for (const source of sources_of(data, type, instance)) {
				const options = options_of(data, type, instance, source);

				values.push({
					options, type, instance, source, index: values.length + 1,
					name: (values.length + 1) + type,
					rrd: options.rrd || file_of(type, instance)
				});
			}
	}
	return values.sort((a, b) => (a.options.weight || a.index) - (b.options.weight || b.index));
}

function faded(color) {
	return color.match(/../g).map((byte) => Math.trunc(parseInt(byte, 16) / 4 + 255 * 3 / 4))
		.map((byte) => byte.toString(16).padStart(2, '0')).join('');
}

/* Average, least and most of a value; and what the next one of its stack stands on. */
function define(value, single) {
	const rpn = value.options.transform_rpn || '0,+', rrd = value.rrd.replace(/[\\:]/g, '\\$&'), args = [];

	for (const [ word, consolidation ] of [ [ 'avg', 'AVERAGE' ], [ 'min', 'MIN' ], [ 'max', 'MAX' ] ])
		if (!single || word == 'avg')
			args.push(`DEF:${value.name}_${word}_raw=${rrd}:${value.source}:${consolidation}`,
				`CDEF:${value.name}_${word}=${value.name}_${word}_raw,${rpn}`);
	args.push(`CDEF:${value.name}_nnl=${value.name}_avg,UN,0,${value.name}_avg,IF`);
	return args;
}

/* The last one is at the bottom. */
function stack(values) {
	const below = { up: null, down: null }, args = [];

	for (const value of [ ...values ].reverse()) {
		const side = value.options.flip ? 'down' : 'up';
		const on = value.options.overlay ? null : below[side];

		args.push(`CDEF:${value.name}_stk=${value.name}_nnl${on ? `,${on}_stk,+` : ''}`,
			`CDEF:${value.name}_plot=${value.name}_avg${on ? `,${on}_stk,+` : ''}`);
		if (value.options.flip)
			args.push(`CDEF:${value.name}_neg=${value.name}_plot,-1,*`);
		if (!value.options.overlay)
			below[side] = value.name;
	}
	return args;
}

function draw(value, def, width, single) {
	const what = `${value.name}_${value.options.flip ? 'neg' : 'plot'}`, color = value.options.color;
	const title = (value.options.title || value.name).replace(/:/g, '\\:').padEnd(width);
	const format = def.number_format || '%6.1lf', args = [];

	if (!color)
		throw new Error(`${value.name}: without a colour LuCI draws dice`);
	if (!value.options.noarea)
		args.push(`AREA:${what}#${faded(color)}`);
	args.push(`LINE${value.options.noarea ? 2 : 1}:${what}#${color}:${title}`);
	if (!single)
		args.push(`GPRINT:${value.name}_min:MIN:\tMin\\: ${format}`);
	args.push(`GPRINT:${value.name}_avg:AVERAGE:\tAvg\\: ${format}`);
	if (!single)
		args.push(`GPRINT:${value.name}_max:MAX:\tMax\\: ${format}`);
	args.push(`GPRINT:${value.name}_avg:LAST:\tLast\\: ${format}\\l`);
	return args;
}

function frame(def, where) {
	const args = [ '-t', named(def.title, where), '-v', named(def.vlabel || '', where) ];
	const flags = [ [ 'y_max', '-u' ], [ 'y_min', '-l' ], [ 'units_exponent', '-X' ] ];

	for (const [ key, flag ] of flags)
		if (def[key])
			args.push(flag, String(def[key]));
	return args.concat(def.alt_autoscale ? [ '-A' ] : [], def.alt_autoscale_max ? [ '-M' ] : [], def.rrdopts || []);
}

/* What LuCI reads of a graph, of its data, and of the options of a value; and what is ours, for ourselves. */
const WORDS = {
	graph: [ 'title', 'vlabel', 'number_format', 'totals_format', 'per_instance', 'detail', 'y_max', 'y_min',
		'units_exponent', 'alt_autoscale', 'alt_autoscale_max', 'rrdopts', 'ordercolor', 'data', 'draw' ],
	data: [ 'types', 'instances', 'sources', 'options' ],
	value: [ 'title', 'color', 'rrd', 'flip', 'total', 'overlay', 'transform_rpn', 'noarea', 'noavg', 'weight',
		'negweight', 'posweight', 'type', 'instance', 'source' ]
};

function only_known(kind, object) {
	for (const word in object)
		if (!WORDS[kind].includes(word))
			throw new Error(`LuCI passes over '${word}' of a ${kind}`);
}

/* A graph: its title, its values, and the arguments that are its own. `single`: files with averages only. */
function graph_of(tree, def, where, single) {
	const values = values_of(tree, def, where);

	only_known('graph', def);
	only_known('data', def.data);
	values.forEach((value) => only_known('value', value.options));
	const width = Math.max(...values.map((value) => (value.options.title || '').length));

	return {
		title: named(def.title, where), values,
		args: [].concat(frame(def, where), ...values.map((value) => define(value, single)), stack(values),
			...values.map((value) => draw(value, def, width, single)))
	};
}

/* The graphs of a page; the overview (index) leaves out those with detail. Of per_instance there is one a file. */
function page_of(tree, definition, where, index, single) {
	const defs = definition.rrdargs(tree, where.host, where.plugin, where.place, null, index);
	const first_detail = defs.findIndex((def) => def.detail), graphs = [];

	if (!defs.length)
		throw new Error(`${where.place}: LuCI stumbles over no graph at all`);
	if (first_detail >= 0 && defs.slice(first_detail).some((def) => !def.detail) || defs[0].detail)
		throw new Error(`${where.place}: LuCI stumbles over a graph with detail before one without`);
	for (const def of defs.filter((def) => !index || !def.detail)) {
		if (!def.per_instance)
			graphs.push(graph_of(tree, def, where, single));
		else if (tree.dataInstances(where.host, where.plugin, where.place, def.data.types[0]).length)
			throw new Error(`${where.place}: no graph of ours is one for each file`);
	}
	return graphs;
}

/* Does an instance have a page of its own? The older LuCI looks at its graphs, the newer one asks the definition. */
function has_page(tree, definition, where) {
	const asked = definition.hasInstanceDetails;
	const older = definition.rrdargs(tree, where.host, where.plugin, where.place, null, false).some((def) => def.detail);
	const newer = Boolean(typeof asked == 'function' ? asked(where.place) : asked);

	if (older && !newer)
		throw new Error(`${where.place}: newer LuCI gives it no page`);
	return older;
}

/* A file of LuCI's: its class, with stubs of what it says that it requires. */
function load(file, stubs) {
	const all = Object.assign({ baseclass: { extend: (members) => members } }, stubs);
	const source = fs.readFileSync(file, 'utf8');
	const names = [ ...source.matchAll(/^'require (\w+)';$/gm) ].map((match) => match[1]);

	return new Function('_', ...names, source)((text) => text, ...names.map((name) => all[name]));
}

module.exports = { Tree, has_page, load, page_of };
