/* SPDX-License-Identifier: MIT */
'use strict';
'require baseclass';

/*
 * The graphs of collectd's plugin mptcp, by its instance: `host`, `limits`, or the name of a WAN.
 *
 * What was never known has no file (an unjoined line has no round trip), and rrdtool draws nothing at all of a graph
 * with a file that is not there. So a graph is made of the values that are there, and is left out without any.
 * Graphs with `detail` are on the page of their instance only, and have to come last: LuCI counts on it.
 */

/* Told apart by people who do not tell red from green, too; after the last one it begins anew. */
const LINE_COLORS = [ '0072b2', 'e69f00', '009e73', 'cc79a7', '56b4e9', 'd55e00', '8c6d31', '5e4fa2' ];
const GOOD = '0072b2', BAD = 'd0021b', OTHER = 'e69f00', MORE = '009e73';

const STATES = [ 'unknown', 'absent', 'down', 'detached', 'standby', 'quiet', 'unjoined', 'idle', 'carrying' ];
const SEVERITIES = [ 'none', 'info', 'warning', 'minor', 'major', 'critical' ];

/* ---- what a graph is made of ---- */

/* Of types.db: types of ours whose only source is not named `value`. */
const SOURCES = { duration: 'seconds' };

/* By its name as in doc/metrics.md: a type, its instance if it has one, and one source of a type with two. */
function line(name, title, color, more) {
	const parts = name.match(/^([^-.]+)(?:-([^.]+))?(?:\.(.+))?$/);

	return Object.assign({
		type: parts[1], instance: parts[2] || '', source: parts[3] || SOURCES[parts[1]] || 'value',
		title: title, color: color, overlay: true, noarea: true
	}, more);
}

function area(name, title, color, more) {
	return line(name, title, color, Object.assign({ noarea: false }, more));
}

/* From 1, as collectd gets them: lines of the legend, a few words each. */
function numbered(words) {
	const lines = [];

	words.forEach(function(word, i) {
		if (i % 5 == 0)
			lines.push('COMMENT:');
		lines[lines.length - 1] += ' ' + (i + 1) + ' ' + word + '  ';
	});
	return lines.map(function(line) { return line + '\\l' });
}

/* A scale on which each number has its line. */
function whole_numbers(most, words) {
	return {
		y_min: '0', y_max: String(most), number_format: '%4.0lf',
		rrdopts: [ '-r', '-y', '1:1' ].concat(numbered(words))
	};
}

/* ---- the graphs ---- */

const OF_A_WAN = [
	{
		title: _('%H: MPTCP payload on %pi'), vlabel: 'bit/s', number_format: '%6.1lf%s',
		draw: [
			area('if_octets.tx', _('Out'), GOOD, { transform_rpn: '8,*' }),
			area('if_octets.rx', _('In'), MORE, { flip: true, transform_rpn: '8,*' })
		]
	},
	Object.assign({
		title: _('%H: state of %pi, and its alarm'), vlabel: _('state'),
		draw: [
			area('bool-alarm', _('Alarm'), BAD, { transform_rpn: '9,*' }),
			line('count-state', _('State'), GOOD)
		]
	}, whole_numbers(9, STATES)),
	{
		detail: true, title: _('%H: part of %pi in all lines\' payload'), vlabel: '%', y_min: '0', y_max: '100',
		number_format: '%5.1lf',
		draw: [
			line('percent-share_out', _('Out'), GOOD),
			line('percent-share_in', _('In'), MORE)
		]
	},
	{
		detail: true, title: _('%H: subflows on %pi'), vlabel: _('number'), y_min: '0',
		number_format: '%6.1lf',
		draw: [
			area('count-subflows', _('Subflows'), GOOD),
			line('count-subflows_backup', _('Backup'), OTHER),
			line('count-subflows_attempted', _('Attempted'), BAD)
		]
	},
	{
		detail: true, title: _('%H: connections that are on %pi, and that ought to be'), vlabel: _('number'), y_min: '0',
		number_format: '%6.1lf',
		draw: [
			area('count-connections', _('Here'), GOOD),
			line('count-connections_eligible', _('Eligible'), OTHER)
		]
	},
	{
		detail: true, title: _('%H: round trip on %pi'), vlabel: 'ms', y_min: '0',
		number_format: '%6.1lf',
		draw: [
			area('latency-rtt', _('Smoothed'), GOOD, { transform_rpn: '1000,*' }),
			line('latency-min_rtt', _('Least'), OTHER, { transform_rpn: '1000,*' })
		]
	},
	{
		detail: true, title: _('%H: retransmitted part of what %pi sent'), vlabel: '%', y_min: '0',
		number_format: '%6.2lf',
		draw: [
			area('percent-retransmitted', _('Part'), BAD)
		]
	},
	{
		detail: true, title: _('%H: joins and subflows of %pi'), vlabel: _('a second'), y_min: '0',
		number_format: '%6.2lf',
		draw: [
			line('total_events-joins_attempted', _('Joins'), GOOD),
			line('total_events-joins_failed', _('Failed'), BAD),
			line('total_events-subflows_opened', _('Opened'), MORE),
			line('total_events-subflows_closed', _('Closed'), OTHER)
		]
	}
];

const OF_THE_HOST = [
	{
		title: _('%H: WAN lines'), vlabel: _('lines'), y_min: '0', number_format: '%4.0lf',
		draw: [
			area('count-wans_carrying', _('Carrying'), GOOD),
			line('count-wans_joined', _('Joined'), MORE),
			line('count-wans_up', _('Up'), OTHER),
			line('count-wans_configured', _('Known'), '555555'),
			area('count-wans_in_alarm', _('In alarm'), BAD)
		]
	},
	Object.assign({
		title: _('%H: alarms, of the host and the worst of all'), vlabel: _('severity'),
		draw: [
			area('bool-alarm', _('Host'), BAD, { transform_rpn: '6,*' }),
			line('count-worst_severity', _('Worst'), GOOD)
		]
	}, whole_numbers(6, SEVERITIES)),
	{
		detail: true, title: _('%H: MPTCP connections and subflows'), vlabel: _('number'), y_min: '0',
		number_format: '%6.1lf',
		draw: [
			area('count-subflows', _('Subflows'), MORE),
			line('count-subflows_attempted', _('Attempted'), '555555'),
			line('count-connections', _('Connections'), GOOD),
			line('count-connections_at_limit', _('At limit'), OTHER),
			line('count-fallback_connections', _('Fallback'), BAD)
		]
	},
	{
		detail: true, title: _('%H: is the monitor well?'), vlabel: _('seconds, and 1 for yes'), y_min: '0',
		number_format: '%6.2lf',
		draw: [
			area('bool-up', _('Up'), MORE),
			line('duration-age', _('Age'), BAD),
			line('duration-poll', _('Poll'), GOOD),
			line('duration-poll_interval', _('Interval'), OTHER)
		]
	},
	{
		detail: true, title: _('%H: what the monitor missed'), vlabel: _('a second'), y_min: '0',
		number_format: '%6.2lf',
		draw: [
			line('total_events-truncated_subflows', _('Truncated'), OTHER),
			line('total_events-events_lost', _('Lost'), BAD),
			line('total_events-poll_errors', _('Poll errors'), GOOD)
		]
	},
	{
		detail: true, title: _('%H: payload that fits no line'), vlabel: 'bit/s',
		number_format: '%6.1lf%s',
		draw: [
			area('if_octets-unattributed.tx', _('Out'), GOOD, { transform_rpn: '8,*' }),
			area('if_octets-unattributed.rx', _('In'), MORE, { flip: true, transform_rpn: '8,*' })
		]
	},
	{
		detail: true, title: _('%H: the busiest core'), vlabel: '%', y_min: '0', y_max: '100',
		number_format: '%5.1lf',
		draw: [
			area('percent-cpu_busiest', _('Load'), OTHER)
		]
	},
	{
		detail: true, title: _('%H: memory of all TCP sockets'), vlabel: _('octets'), y_min: '0',
		number_format: '%6.1lf%s',
		draw: [
			area('memory-tcp', _('In use'), GOOD)
		]
	}
];

const OF_THE_LIMITS = [
	{
		title: _('%H: limit of extra subflows of a connection'), vlabel: _('subflows'), y_min: '0',
		number_format: '%4.0lf',
		draw: [
			area('count-subflows', _('In force'), GOOD),
			line('count-subflows_needed', _('Needed'), BAD),
			line('count-subflow_ceiling', _('Ceiling'), '555555')
		]
	},
	{
		title: _('%H: limit of announced addresses of a connection'), vlabel: _('addresses'), y_min: '0',
		number_format: '%4.0lf',
		draw: [
			area('count-add_addr', _('In force'), GOOD),
			line('count-add_addr_needed', _('Needed'), BAD)
		]
	},
	{
		detail: true, title: _('%H: endpoints and addresses of the far end'), vlabel: _('number'), y_min: '0',
		number_format: '%4.0lf',
		draw: [
			area('count-endpoints', _('Endpoints'), GOOD),
			line('count-far_addresses', _('Far end'), OTHER)
		]
	}
];

function defs_of(place) {
	if (place == 'host')
		return OF_THE_HOST;
	return place == 'limits' ? OF_THE_LIMITS : OF_A_WAN;
}

/* ---- to what LuCI wants ---- */

/* LuCI's name of a value, under which it looks for its options. */
function option_key(value) {
	return value.type + '_' + value.instance.replace(/\W/g, '_') + '_' + value.source;
}

function push_new(list, item) {
	if (list.indexOf(item) < 0)
		list.push(item);
}

function add_value(data, value) {
	const name = value.instance ? value.type + '_' + value.instance : value.type;

	push_new(data.types, value.type);
	push_new(data.instances[value.type] = data.instances[value.type] || [], value.instance);
	push_new(data.sources[name] = data.sources[name] || [], value.source);
	data.options[option_key(value)] = Object.assign({ weight: Object.keys(data.options).length + 1 }, value);
}

/* NULL for a graph of nothing. */
function made_of(def, values) {
	const data = { types: [], instances: {}, sources: {}, options: {} };

	if (!values.length)
		return null;
	values.forEach(function(value) { add_value(data, value) });
	return Object.assign({}, def, { data: data });
}

function has_file(graph, host, plugin, place, value) {
	return graph.dataInstances(host, plugin, place, value.type).indexOf(value.instance) >= 0;
}

function of_a_place(graph, host, plugin, place, defs) {
	return defs.map(function(def) {
		return made_of(def, def.draw.filter(function(value) {
			return has_file(graph, host, plugin, place, value);
		}));
	});
}

/* ---- all lines in one graph ---- */

/* One after the other in the legend, with a file of its own each; numbers stand for the names. */
function of_a_line(graph, host, plugin, name, i) {
	const more = {
		rrd: graph.mkrrdpath(host, plugin, name, 'if_octets'), overlay: false, transform_rpn: '8,*'
	};
	const color = LINE_COLORS[i % LINE_COLORS.length];

	return [
		area('if_octets-' + (i + 1) + '.tx', name + ' ' + _('out'), color, more),
		area('if_octets-' + (i + 1) + '.rx', name + ' ' + _('in'), color, Object.assign({ flip: true }, more))
	];
}

/* Each line's part on top of the others', out above and in below: what carries nothing has no colour in it. */
function of_all_lines(graph, host, plugin) {
	const payload = line('if_octets.tx');
	const lines = graph.pluginInstances(host, plugin).filter(function(name) {
		return name != 'host' && name != 'limits' && has_file(graph, host, plugin, name, payload);
	});
	const values = lines.sort().map(function(name, i) { return of_a_line(graph, host, plugin, name, i) });

	return made_of({
		title: _('%H: MPTCP payload of all lines'), vlabel: 'bit/s', number_format: '%6.1lf%s'
	}, [].concat.apply([], values));
}

/* LuCI stumbles over no graph at all: of this one it draws none. */
const NOTHING = { per_instance: true, data: { types: [ 'none' ] } };

return baseclass.extend({
	title: _('MPTCP'),

	/* Each instance has a page of its own: newer LuCI asks here, older looks for a graph with `detail`. */
	hasInstanceDetails: true,

	rrdargs: function(graph, host, plugin, plugin_instance, dtype) {
		const graphs = of_a_place(graph, host, plugin, plugin_instance, defs_of(plugin_instance));

		if (plugin_instance == 'host')
			graphs.unshift(of_all_lines(graph, host, plugin));
		return graphs.some(Boolean) ? graphs.filter(Boolean) : [ NOTHING ];
	}
});
