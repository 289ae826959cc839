# SPDX-License-Identifier: MIT
# shellcheck shell=dash
#
# Packages of npm for a test: those of a lock, fetched once for each lock, and kept in builddir. Source it;
# `temp` is a folder of the test's own.
#
#	npm_packages "$srcdir/tests/nms/grafana" "$builddir/npm-grafana" || ...

: "${temp:?a folder}"

# npm_packages LOCKED DIR: what the package-lock.json in LOCKED names is in DIR/node_modules; or a line
# of why it could not be.
npm_packages()
{
	cmp -s "$1/package-lock.json" "$2/package-lock.json" || npm_fetch "$1" "$2"
}

# npm_fetch LOCKED DIR: no more and no less than that. Nothing of it is run, and nothing is left elsewhere.
npm_fetch()
{
	local locked=$1 dir=$2 new=$2.$$

	mkdir "$new" && cp "$locked/package.json" "$locked/package-lock.json" "$new/" || return
	env -C "$new" npm_config_fetch_timeout=60000 npm ci --ignore-scripts --no-audit --no-fund \
		--no-update-notifier --loglevel error --cache "$temp/npm-cache" </dev/null >"$temp/npm.log" 2>&1 || {
		echo "npm cannot fetch the packages of tests/nms/${locked##*/}/package-lock.json:" \
			"$(grep -v '^npm ERR! *$\|^npm error *$' "$temp/npm.log" | grep . | head -n 2 | tr '\n' ' ')"
		rm -rf "$new"
		return 1
	}
	rm -rf "$dir"
	mv "$new" "$dir"
}
