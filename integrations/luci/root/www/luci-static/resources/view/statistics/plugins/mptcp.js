/* SPDX-License-Identifier: MIT */
'use strict';
'require baseclass';
'require form';

/*
 * The flat options of collectd's plugin mptcp; what they mean, and their bounds, is in mptcp-wan.conf.example. LuCI
 * writes no blocks, so lines get names, labels and rates in a file of their own, see the README. An empty field is not
 * written, and the default holds.
 */

const TIME = _('Seconds, or with a unit: 5s, 2m, 1h');

function time(section_id, value) {
	return value == '' || /^[0-9]+(ms|s|m|h)?$/.test(value) || TIME;
}

/*
 * Newer LuCI reads an option of this name itself: it makes seconds of it, and knows no milliseconds. It is then how
 * often collectd asks the plugin, too.
 */
function interval(section_id, value) {
	return value == '' || /^[0-9]+[smh]?$/.test(value) || TIME;
}

/* A time. */
function add_time(s, name, title, description, example) {
	const o = s.option(form.Value, name, title, description + ' ' + TIME + '.');

	o.placeholder = example;
	o.optional = true;
	o.validate = name == 'Interval' ? interval : time;
	o.depends('enable', '1');
}

/* Any other field; datatype is one of LuCI's, or null. */
function add_value(s, name, title, description, datatype, example) {
	const o = s.option(form.Value, name, title, description);

	o.placeholder = example;
	o.optional = true;
	if (datatype)
		o.datatype = datatype;
	o.depends('enable', '1');
}

/*
 * Ticked unless somebody takes it away. Always written: LuCI's older generator, in Lua, makes a false of one that is not
 * there.
 */
function add_flag(s, name, title, description) {
	const o = s.option(form.Flag, name, title, description);

	o.default = o.enabled;
	o.rmempty = false;
	o.depends('enable', '1');
}

function add_role(s) {
	const o = s.option(form.ListValue, 'Role', _('Who opens the connections'),
		_('Lines are judged where the connections begin.'));

	o.value('auto', _('as they say'));
	o.value('router', _('this machine'));
	o.value('aggregator', _('the far end'));
	o.default = 'auto';
	o.depends('enable', '1');
}

function add_shelve(s) {
	const o = s.option(form.MultiValue, 'Shelve', _('Alarms of the router that are not raised'),
		_('They are known as findings all the same.'));

	[
		'mptcp-disabled', 'userspace-pm-without-daemon', 'no-endpoints', 'fallback', 'blackhole',
		'far-end-silent', 'connect-unanswered', 'connect-refused', 'source-unreadable', 'drift'
	].forEach(function(cause) { o.value(cause) });
	o.optional = true;
	o.depends('enable', '1');
}

return baseclass.extend({
	title: _('MPTCP Plugin Configuration'),
	description: _('What each WAN line of a bonded connection carries, its state and its alarm. ' +
		'Nothing has to be set.'),

	addFormOptions: function(s) {
		s.option(form.Flag, 'enable', _('Enable this plugin'));

		add_time(s, 'Interval', _('Between polls of the kernel'),
			_('How often values are written is the interval of all, or this one, by the version of LuCI.'), '5s');
		add_value(s, 'CpuBudget', _('CPU time'),
			_('That polls may take, in percent of one core; where it does not suffice they are further apart.'),
			'range(1, 100)', '2');
		add_time(s, 'Window', _('Window'), _('Over which a line is carrying or not.'), '30s');
		add_value(s, 'Floor', _('Floor'),
			_('Octets a minute and direction; a line with less is not carrying.'),
			'range(1, 1000000000)', '64000');
		add_time(s, 'JoinGrace', _('Time to join'),
			_('So long may a new connection take to join a line.'), '10s');

		add_time(s, 'RaiseAfter', _('Alarm after'),
			_('A line is down, or cannot be joined, for so long.'), '60s');
		add_time(s, 'RaiseIdleAfter', _('Alarm of a silent line after'),
			_('It is joined and silent under pressure for so long, which need not be in one piece.'), '120s');
		add_time(s, 'IdleMemory', _('Memory of silence'),
			_('The pieces lie within this time.'), '30m');
		add_time(s, 'PressureWindow', _('Window of pressure'),
			_('Of its samples 80 % must be under pressure.'), '10s');
		add_time(s, 'RaiseAvoidedAfter', _('Alarm of an avoided line after'),
			_('The scheduler avoids it, for it is slower or loses more.'), '15m');
		add_time(s, 'RaiseBackupAfter', _('Alarm of a backup line after'),
			_('It could not take over.'), '10m');
		add_time(s, 'ClearAfter', _('End of an alarm after'),
			_('The line is well again for so long.'), '30s');
		add_time(s, 'FlapWindow', _('Window of flapping'),
			_('What comes and goes within it is one alarm.'), '10m');
		add_time(s, 'FarSilentAfter', _('The far end is silent after'),
			_('Nothing was acknowledged on any line for so long.'), '10s');
		add_shelve(s);

		add_value(s, 'ExpectSubflows', _('Expected limit of subflows'),
			_('What differs from it is told, as with those below.'),
			'range(0, 255)');
		add_value(s, 'ExpectAddAddr', _('Expected limit of announced addresses'),
			null, 'range(0, 255)');
		add_value(s, 'ExpectScheduler', _('Expected scheduler'), null, 'maxlength(31)');
		add_value(s, 'ExpectPathManager', _('Expected path manager'), null, 'maxlength(31)');
		add_value(s, 'ExpectCeiling', _('Greatest limit of subflows'),
			_('That the kernels of both ends take.'), 'range(0, 255)');

		add_role(s);
		add_value(s, 'SubflowsMost', _('Subflows followed at most'),
			_('Beyond that, accounting says that it is incomplete.'),
			'range(1000, 10000000)', '262144');
		add_flag(s, 'Bpf', _('Count exactly, by BPF'), _('Where the kernel has it.'));
		add_flag(s, 'Events', _('Else count by netlink events'), _('Without either: by polls only.'));
		add_value(s, 'StateDir', _('Folder for alarms'),
			_('They go on over a restart of collectd then.'), 'directory');
	},

	configSummary: function(section) {
		return _('Watching all WAN lines of MPTCP');
	}
});
