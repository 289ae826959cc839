// SPDX-License-Identifier: MIT
/*
 * What a file of a dashboard may hold: the types that Grafana publishes (@grafana/schema, of whichever release is
 * compiled against), put together as strictly as they allow. They leave open what belongs to a kind of panel or of
 * data source, although they have it: here each panel is held to the options and fields of its kind.
 *
 * Options and custom fields may be left out, since a panel's plugin fills them in; none may be unknown.
 */
import type * as schema from '@grafana/schema';
import type * as stat from '@grafana/schema/dist/esm/raw/composable/stat/panelcfg/x/StatPanelCfg_types.gen';
import type * as table from '@grafana/schema/dist/esm/raw/composable/table/panelcfg/x/TablePanelCfg_types.gen';
import type * as timeline
	from '@grafana/schema/dist/esm/raw/composable/statetimeline/panelcfg/x/StateTimelinePanelCfg_types.gen';
import type * as timeseries
	from '@grafana/schema/dist/esm/raw/composable/timeseries/panelcfg/x/TimeSeriesPanelCfg_types.gen';
// Of 10, whose package is the last that has them.
import type * as prometheus
	from 'grafana-schema-10/dist/esm/raw/composable/prometheus/dataquery/x/PrometheusDataQuery_types.gen';

/* The panels that we have: options and custom fields of each kind. */
interface Kinds {
	'stat': { options: stat.Options; custom: Record<string, never> };
	'state-timeline': { options: timeline.Options; custom: timeline.FieldConfig };
	'table': { options: table.Options; custom: table.FieldConfig };
	'timeseries': { options: timeseries.Options; custom: timeseries.FieldConfig };
}

/* As JSON has it: an enum is one of its values. */
type Written<T> =
	unknown extends T ? T :
	T extends string ? `${T}` :
	T extends number ? (number extends T ? T : `${T}` extends `${infer N extends number}` ? N : never) :
	T extends object ? { [K in keyof T]: Written<T[K]> } :
	T;

/* All of it may be left out, but for the elements of lists. */
type Some<T> = T extends unknown[] ? T : T extends object ? { [K in keyof T]?: Some<T[K]> } : T;

type With<T, Changes> = Omit<T, keyof Changes> & Changes;

interface Source {
	type: 'prometheus';
	uid: string;
}

interface Link {
	title: string;
	url: string;
	targetBlank?: boolean;
}

type Field = With<Omit<Written<schema.FieldConfig>, 'custom'>, {
	links?: Link[];
	mappings?: Written<schema.ValueMap>[];
}>;

type Custom<Kind extends keyof Kinds> = Written<Kinds[Kind]['custom']>;

/* What an override sets: its properties as one object, each by its id. */
export type Override<Kind extends keyof Kinds> =
	Partial<Field> & { [K in keyof Custom<Kind> & string as `custom.${K}`]?: Custom<Kind>[K] };

/* Its overrides apart. */
export type Panel<Kind extends keyof Kinds> = With<Written<schema.Panel>, {
	type: Kind;
	id: number;
	title: string;
	gridPos: schema.GridPos;
	datasource: Source;
	targets: With<Written<prometheus.PrometheusDataQuery>, { datasource: Source }>[];
	options: Some<Written<Kinds[Kind]['options']>>;
	fieldConfig: { defaults: Field & { custom?: Some<Custom<Kind>> }; overrides: [] };
}>;

export type Matcher = With<schema.MatcherConfig, { options: string }>;

type Variable = With<Written<schema.VariableModel>, {
	datasource?: Source;
	query: string | { query: string; refId: string };
}>;

/* Its panels apart. */
export type Dashboard = With<Written<schema.Dashboard>, {
	title: string;
	uid: string;
	panels: [];
	templating: { list: Variable[] };
}>;
