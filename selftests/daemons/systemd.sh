# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# A service that systemd runs, with wsp-run's drop-in and without.
# shellcheck disable=SC2034,SC2154 # lib.sh's variables

# Generators and units of this machine are left out of it.
systemd_units() {
	local unit

	mkdir -p "$sd_units"
	for unit in sysinit basic shutdown boot; do
		printf '[Unit]\nDefaultDependencies=no\n' > "$sd_units/$unit.target"
	done
	cat > "$sd_units/nginx.service" <<-END
		[Service]
		Type=forking
		PIDFile=$tmp/nginx.pid
		Environment=LD_LIBRARY_PATH=$LD_LIBRARY_PATH
		ExecStart=$(command -v nginx) -p $tmp -c $tmp/nginx.conf
		ExecStop=-/sbin/start-stop-daemon --quiet --stop --retry QUIT/60 --pidfile $tmp/nginx.pid
		TimeoutStopSec=60
		KillMode=mixed
	END
}

# Process 1 of processes of its own, as it is in a container.
systemd_up() {
	nsenter --net=/run/netns/server unshare --pid --fork --kill-child --mount --mount-proc \
		env -u LD_LIBRARY_PATH container=test SYSTEMD_UNIT_PATH=/etc/systemd/system:"$sd_units" \
		SYSTEMD_GENERATOR_PATH="$tmp" /lib/systemd/systemd --unit=boot.target > "$tmp/systemd.out" 2> "$tmp/systemd.err" \
		< /dev/null 9>&- &
	sd_unshare=$!
	wait_for sd is-active boot.target
}

# It listens to processes of its own namespace only.
sd() {
	local pid

	pid=$(children "$sd_unshare")
	nsenter -t "$pid" --pid --mount env -u LD_LIBRARY_PATH timeout 100 systemctl "$@"
}

sd_restart() {
	sd daemon-reload
	sd restart nginx
	wait_for http "$port"
}

nginx_service() { sd show -p Environment nginx; }

t_systemd() {
	local mode ask=$'GET / HTTP/1.1\r\nHost: x\r\n\r\n' answer='hello from nginx' before
	local sd_unshare sd_units=/run/systemd/system drop_in=/etc/systemd/system/nginx.service.d

	if [ ! -x /lib/systemd/systemd ]; then
		echo "no systemd here" > "$tmp.skip"
		return
	fi
	nginx_conf "$port"
	systemd_units
	mountpoint -q /sys/fs/cgroup || mount -t cgroup2 cgroup2 /sys/fs/cgroup
	systemd_up
	mode=plain
	sd_restart
	before=$(nginx_service)
	peers stop
	"$run" -d '%n %s' --log none --service nginx
	# With the drop-in from here on.
	sd_restart
	ended stop ''
	not same "$(nginx_service)" "$before"
	mode=run
	peers kill
	sd kill -s KILL nginx
	ended kill 'nginx killed or crashed'
	sd_restart
	peers stop
	"$run" --remove-service nginx
	sd_restart
	ended stop 'nginx closed'
	[ ! -e "$drop_in" ]
	same "$(nginx_service)" "$before"
	mode=plain
	peers kill
	sd kill -s KILL nginx
	ended kill ''
}
