// SPDX-License-Identifier: MIT
'use strict';
/*
 * typed.js FILE...: dashboards as TypeScript that assigns them to the types of dashboard.ts; writes FILE.ts beside
 * each, a constant for the dashboard, each panel and each override. In pieces, for in a union TypeScript lets a
 * nested key of one member pass in another.
 */
const fs = require('fs');

function constant(name, type, value) {
	return `export const ${name}: ${type} = ${JSON.stringify(value, null, '\t')};\n`;
}

/* Each by its id; TypeScript complains of one that is there twice. */
function properties(list) {
	const written = list.map(({ id, value }) => `\t${JSON.stringify(id)}: ${JSON.stringify(value, null, '\t')}`);

	return `{\n${written.join(',\n')}\n}`;
}

function* panel(board) {
	const { overrides, ...fields } = board.fieldConfig, name = `panel_${board.id}`, kind = JSON.stringify(board.type);

	yield constant(name, `Panel<${kind}>`, { ...board, fieldConfig: { ...fields, overrides: [] } });
	for (const [ i, { matcher, properties: list, ...others } ] of overrides.entries()) {
		yield constant(`${name}_matcher_${i}`, 'Matcher', { ...matcher, ...others });
		yield `export const ${name}_override_${i}: Override<${kind}> = ${properties(list)};\n`;
	}
}

function typed(board) {
	return [ 'import type { Dashboard, Matcher, Override, Panel } from \'./dashboard\';\n',
		constant('dashboard', 'Dashboard', { ...board, panels: [] }),
		...board.panels.flatMap((one) => [ ...panel(one) ]) ].join('\n');
}

for (const file of process.argv.slice(2))
	fs.writeFileSync(file + '.ts', typed(JSON.parse(fs.readFileSync(file, 'utf8'))));
