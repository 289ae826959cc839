// SPDX-License-Identifier: MIT
'use strict';
/*
 * Asks the files for LuCI what they say, for luci.sh and rrd.sh:
 *	luci.js legend			the definition's options, a line each: name, kind
 *	luci.js form			the form's: name, kind, what an empty field shows, the words to choose from
 *	luci.js config GENERATOR KEY=VALUE...	the collectd configuration of such a section; several words are a list;
 *					GENERATOR is one of LuCI's three: lua, ucode, and ucode that writes blocks
 *	luci.js ticked GENERATOR	the same of what the form writes when its first box is ticked, and nothing else
 *	luci.js intervals TEXT...	of each, whether the form takes it, and the seconds that each generator makes of it
 *	luci.js values			the values that graphs are made of, with their source
 *	luci.js words			of values with a legend of numbers: name, and the words
 *	luci.js empty			the graphs of a router of which there is no file
 *	luci.js draw DIR HOST OUT SECONDS	draws all pages from the files in DIR into OUT, and looks at them
 */
const fs = require('fs');
const path = require('path');
const { execFileSync } = require('child_process');
const luci = require('./luci_rrdtool.js');
const png = require('./png.js');

const ROOT = path.join(__dirname, '../../integrations/luci/root');
const SPEC = path.join(ROOT, 'usr/share/luci/statistics/plugins/mptcp.json');
const FORM = path.join(ROOT, 'www/luci-static/resources/view/statistics/plugins/mptcp.js');
const GRAPHS = path.join(ROOT, 'www/luci-static/resources/statistics/rrdtool/definitions/mptcp.js');
const PLUGIN = 'mptcp';
const KINDS = [ 'single', 'bool', 'list' ];	// by their place in the legend
const WIDTH = 600, HEIGHT = 100;

const definition = () => luci.load(GRAPHS);

/* ---- options ---- */

function legend() {
	const spec = JSON.parse(fs.readFileSync(SPEC, 'utf8'));

	if (!spec.title || spec.category != 'network' || spec.legend.length != KINDS.length)
		throw new Error('LuCI does not show this definition');
	return spec.legend;
}

/* What we use of LuCI's: of an option, and of its checks of a field's text. */
const OPTION_WORDS = [ 'default', 'rmempty', 'optional', 'placeholder', 'datatype', 'validate', 'needs' ];
const DATATYPES = /^(range\(\d+, \d+\)|maxlength\(\d+\)|directory)$/;

/* LuCI passes over an option's property that it does not know, and stumbles over such a datatype. */
const knowing = {
	set: (option, word, value) => {
		if (!OPTION_WORDS.includes(word) || word == 'datatype' && !DATATYPES.test(value))
			throw new Error(`${option.name}: LuCI knows no ${word} ${value}`);
		option[word] = value;
		return true;
	}
};

/* A form in which each option is written down as it is made. */
function form_options() {
	const kinds = { Flag: 'bool', Value: 'single', ListValue: 'single', MultiValue: 'list', DynamicList: 'list' };
	const form = {}, options = [];

	for (const kind in kinds)
		form[kind] = kind;
	const section = {
		option: (kind, name, title) => {
			const option = new Proxy({
				kind: kinds[kind], name, words: [], enabled: '1', disabled: '0',
				depends: (key, value) => { option.needs = key + '=' + value },
				value: (word) => option.words.push(word)
			}, knowing);

			if (!title || !option.kind)
				throw new Error(name + ' has no title, or is of no kind');
			options.push(option);
			return option;
		}
	};
	const plugin = luci.load(FORM, { form });

	plugin.addFormOptions(section);
	if (!plugin.title || !plugin.description || !plugin.configSummary({ enable: '1' }))
		throw new Error('the form has no title, description or summary');
	if (options[0].name != 'enable' || options.slice(1).some((option) => option.needs != 'enable=1'))
		throw new Error('the first option is the switch of all others');
	return options.slice(1);
}

function print_form() {
	for (const option of form_options())
		console.log([ option.name, option.kind, option.placeholder || option.default || '-',
			option.words.join(', ') || '-' ].join('\t'));
}

/* Quoted unless it is of letters, digits and underscores; a list's key loses its last s. */
function setting(key, value) {
	return `\t${key} ${/^\w+$/.test(value) ? value : `"${value}"`}\n`;
}

/* Those that the section does not have are off. */
function with_switches(section) {
	return Object.assign(Object.fromEntries(legend()[KINDS.indexOf('bool')].map((key) => [ key, '0' ])), section);
}

/* The units that newer LuCI knows; what it does not know is taken by its first letter. */
const UNIT_S = { y: 31622400, mon: 2678400, w: 604800, d: 86400, h: 3600, min: 60, m: 60 };

function with_seconds(section) {
	const [ , number, unit ] = (section.Interval || '').match(/^([0-9.]+)([a-z]*)$/) || [];

	return !number ? section : Object.assign({}, section,
		{ Interval: String(Math.trunc(number * (UNIT_S[unit] || UNIT_S[unit[0]] || 1))) });
}

/* LuCI's three, by age: what each makes of a section, and how it has the plugin loaded. */
const GENERATORS = {
	lua: { section: with_switches, load: () => `LoadPlugin ${PLUGIN}\n` },
	ucode: { section: (section) => section, load: () => `LoadPlugin ${PLUGIN}\n` },
	blocks: {
		section: with_seconds,
		load: ({ Interval }) =>
			`<LoadPlugin ${PLUGIN}>\n${Interval ? setting('Interval', Interval) : ''}</LoadPlugin>\n`
	}
};

/* Of a form with nothing but its first box ticked: a default is written where empty is not removed. */
function ticked() {
	const kept = form_options().filter((option) => option.default && option.rmempty === false);

	return [ 'enable=1' ].concat(kept.map((option) => `${option.name}=${option.default}`));
}

function print_config(generator, pairs) {
	const { section: made_by, load } = GENERATORS[generator];
	const section = made_by(Object.fromEntries(pairs.map((pair) => pair.split('='))));
	const written = [
		(key) => setting(key, section[key]),
		(key) => setting(key, { 0: 'false', 1: 'true' }[section[key]]),
		(key) => section[key].split(' ').map((word) => setting(key.replace(/s$/, ''), word)).join('')
	];
	const lines = legend().map((keys, i) => keys.filter((key) => key in section).map(written[i]).join('')).join('');

	process.stdout.write(`${load(section)}<Plugin ${PLUGIN}>\n${lines}</Plugin>\n`);
}

/* As the plugin takes it: without a unit it is seconds. */
function seconds(text) {
	const [ , number, unit ] = text.match(/^(\d+)(\w*)$/);

	return number * { '': 1, ms: 0.001, s: 1, m: 60, h: 3600 }[unit];
}

function print_intervals(texts) {
	const option = form_options().find(({ name }) => name == 'Interval');

	for (const text of texts)
		console.log([ text, option.validate('collectd_mptcp', text) === true ? 'taken' : 'refused',
			...Object.values(GENERATORS).map(({ section }) => seconds(section({ Interval: text }).Interval)) ].join('\t'));
}

/* ---- graphs ---- */

/* A tree that has whatever is asked for, but two lines only. */
const everything = {
	pluginInstances: () => [ 'host', 'limits', 'wan2', 'wan1' ],
	dataTypes: () => [],
	dataInstances: () => ({ indexOf: () => 0 }),
	mkrrdpath: (host, plugin, place, type) => [ place, type ].join('/')
};

function graphs_of(tree, place) {
	const where = { host: 'router', plugin: PLUGIN, place };

	luci.has_page(tree, definition(), where);
	return luci.page_of(tree, definition(), where, false, false);
}

const PLACES = { WAN: 'wan1', host: 'host', limits: 'limits' };

/* Those of all lines have files of their own, where the instance is but a number. */
function name_of(place, value) {
	const instance = value.options.rrd ? '' : value.instance;

	return `${value.options.rrd ? 'WAN' : place}/${value.type}${instance ? '-' + instance : ''}`;
}

function print_values() {
	for (const place in PLACES)
		for (const graph of graphs_of(everything, PLACES[place]))
			for (const value of graph.values)
				console.log(`${name_of(place, value)}\t${value.source}`);
}

function print_words() {
	for (const place in PLACES)
		for (const graph of graphs_of(everything, PLACES[place])) {
			const comments = graph.args.filter((arg) => arg.startsWith('COMMENT:')).join(' ');
			const words = comments.replace(/COMMENT:|\\l/g, ' ').trim().replace(/\s+/g, ' ').replace(/ (?=\d)/g, ',');

			if (words)
				console.log(`${name_of(place, graph.values[graph.values.length - 1])}\t${words}`);
		}
}

function print_empty() {
	const nothing = Object.assign({}, everything, { dataInstances: () => [] });

	for (const place in PLACES)
		console.log(graphs_of(nothing, PLACES[place]).length);
}

/* ---- drawing ---- */

/* What `rrdtool graphv` tells of an image: numbers by name, and the texts of the legend. */
function facts_of(output) {
	const facts = { legend: [] };

	for (const line of output.split('\n')) {
		const match = line.match(/^(\w+)(?:\[\d+\])? = "?(.*?)"?$/);

		if (match && match[1] == 'legend')
			facts.legend.push(match[2]);
		else if (match)
			facts[match[1]] = Number(match[2]);
	}
	return facts;
}

/* How many pixels of the canvas look like one of these colours. */
function coloured(image, facts, colors) {
	const wanted = colors.map((color) => color.match(/../g).map((byte) => parseInt(byte, 16)));
	let count = 0;

	for (let x = facts.graph_left; x < facts.graph_left + facts.graph_width; x++)
		for (let y = facts.graph_top; y < facts.graph_top + facts.graph_height; y++)
			if (wanted.some((color) => color.every((byte, i) => Math.abs(image.at(x, y)[i] - byte) < 48)))
				count++;
	return count;
}

/* Every value has an average, and a graph with more than zeros has colour in it. */
function look_at(graph, facts, file) {
	const image = png.read(fs.readFileSync(file));
	const numbers = (word) => facts.legend.filter((text) => text.includes(word + ':'))
		.map((text) => text.split(':')[1].trim());
	const as_told = image.width == facts.image_width && image.height == facts.image_height;
	const problems = [];

	if (!as_told || image.width <= WIDTH || image.height <= HEIGHT)
		problems.push(`${image.width}x${image.height} is not its size`);
	if (numbers('Avg').length != graph.values.length || numbers('Avg').some((number) => /nan/.test(number)))
		problems.push('not every value is known: ' + numbers('Avg').join(' '));
	graph.most = numbers('Max');
	graph.pixels = coloured(image, facts, graph.values.map((value) => value.options.color));
	if (graph.most.some((number) => parseFloat(number) > 0) && graph.pixels < 5)
		problems.push(`empty: ${graph.pixels} pixels of its colours`);
	return problems;
}

function draw(graph, file, seconds) {
	const args = [ 'graphv', file, '-a', 'PNG', '-s', `NOW-${seconds}`, '-e', 'NOW', '-w', WIDTH, '-h', HEIGHT ];

	return facts_of(execFileSync('rrdtool', args.map(String).concat(graph.args), { encoding: 'utf8' }));
}

/* Every graph of a place: of its overview and of its own page, with files of averages only (single) and without. */
function* pages_of(tree, host, place) {
	const where = { host, plugin: PLUGIN, place };

	for (const index of luci.has_page(tree, definition(), where) ? [ true, false ] : [ true ])
		for (const single of [ false, true ])
			for (const graph of luci.page_of(tree, definition(), where, index, single))
				yield { graph, single, page: index ? 'overview' : place };
}

/* A line for each: page, title, the values' most, pixels, file; and what is wrong, to stderr. */
function draw_all(dir, host, out, seconds) {
	const tree = new luci.Tree(dir);
	let count = 0;

	for (const place of tree.places(host, PLUGIN).sort())
		for (const { graph, single, page } of pages_of(tree, host, place)) {
			const file = path.join(out, `${++count}.png`), facts = draw(graph, file, seconds);

			if (single)
				continue;
			for (const problem of look_at(graph, facts, file)) {
				console.error(`${graph.title}: ${problem} (${file})`);
				process.exitCode = 1;
			}
			console.log([ page, graph.title, graph.most.join(' '), graph.pixels, file ].join('\t'));
		}
	if (!count)
		throw new Error(`no file of ${host} in ${dir}`);
}

const commands = {
	legend: () => legend().forEach((keys, i) => keys.forEach((key) => console.log(`${key}\t${KINDS[i]}`))),
	form: print_form,
	config: (generator, ...pairs) => print_config(generator, pairs),
	ticked: (generator) => print_config(generator, ticked()),
	intervals: (...texts) => print_intervals(texts),
	values: print_values,
	words: print_words,
	empty: print_empty,
	draw: draw_all
};
const [ command, ...args ] = process.argv.slice(2);

if (!commands[command]) {
	console.error('luci.js: see its beginning');
	process.exit(2);
}
commands[command](...args);
