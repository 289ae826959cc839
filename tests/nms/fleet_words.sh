# SPDX-License-Identifier: MIT
# shellcheck shell=dash
#
# A fleet of simulated routers, by collectd's network plugin, at one central collectd by the samples in
# integrations/collectd, which Prometheus may scrape. Source lab.sh and collectd_words.sh first.

: "${srcdir:?the top of the source}" "${builddir:?where it was built}"

# At the VPS, by the samples; it does not have our plugin.
central_start()
{
	echo "omr1: change me" >"$LAB_DIR/passwords"
	{
		sed -e "s!/etc/collectd/fleet-passwords!$LAB_DIR/passwords!; s!0\.0\.0\.0!$LAB_SERVICE!" \
			-e '/^LoadPlugin csv/d; /^<Plugin csv>/,/^<.Plugin>/d' \
			"$srcdir/integrations/collectd/fleet-central.conf"
		cat "$srcdir/integrations/collectd/prometheus.conf"
	} >"$LAB_DIR/collectd-vps.more"
	lab_at vps stock_collectd
}

# fleet_start ROUTERS WANS INTERVAL
fleet_start()
{
	cp "$builddir/tests/nms/fleet" "$LAB_DIR/"
	sender_start "$LAB_DIR/fleet\" \"$1\" \"$2\" \"$3"
}

# One collectd sends for all routers, by the router's sample; a program gives it the values. It does
# not run programs as root.
sender_start()
{
	local program=$1

	shift
	chmod 755 "$LAB_DIR"
	{
		printf '%s\n' "$@"
		echo 'LoadPlugin exec'
		echo '<Plugin exec>'
		echo "	Exec \"nobody\" \"$program\""
		echo '</Plugin>'
		sed "/^Hostname/d; s!192\.0\.2\.5!$LAB_SERVICE!" "$srcdir/integrations/collectd/fleet-router.conf"
	} >"$LAB_DIR/collectd-router.more"
	stock_collectd
}

stock_collectd()
{
	collectd_write
	sed -i '/^LoadPlugin mptcp/d; /^LoadPlugin csv/,/^<.Plugin>/d' \
		"$LAB_DIR/collectd-$LAB_PLACE/conf"
	rm "$LAB_DIR/collectd-$LAB_PLACE/plugins/mptcp.so"
	collectd_run
}

fleet_stop()
{
	collectd_stop
	lab_at vps collectd_stop
}

scrape()
{
	lab_vps bash -c 'exec 3<>/dev/tcp/127.0.0.1/9103
		printf "GET /metrics HTTP/1.0\r\nHost: vps\r\n\r\n" >&3
		cat <&3' >"$LAB_DIR/scrape"
}

# scraped NUMBER: of so many series of ours.
scraped()
{
	scrape
	echo "$(grep -c '^collectd_mptcp' "$LAB_DIR/scrape") series, not $1"
	[ "$(grep -c '^collectd_mptcp' "$LAB_DIR/scrape")" = "$1" ]
}

central_memory()
{
	sed -n 's/^VmRSS:[[:space:]]*\([0-9]*\) kB/\1/p' "/proc/$(cat "$LAB_DIR/collectd-vps.pid")/status"
}

# Is a fleet possible here? Says why not, and returns 1.
fleet_possible()
{
	local plugin

	collectd_possible || return
	for plugin in exec network write_prometheus; do
		collectd_has $plugin || { echo "collectd's plugin $plugin cannot be loaded"; return 1; }
	done
	command -v bash >/dev/null || { echo "bash is not installed"; return 1; }
}
