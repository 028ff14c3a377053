"""Seeds or downloads one torrent with libtorrent, on loopback only.

seed FILE.torrent FOLDER: prints the port when it seeds, and goes on until its input ends.
fetch FILE.torrent FOLDER HOST:PORT|- : prints "done" when everything is there. A dash: only by the trackers.
"""
import sys
import libtorrent as lt

mode, torrent_file, folder = sys.argv[1:4]
session = lt.session(
    {
        "listen_interfaces": "127.0.0.1:0",
        "enable_dht": False,
        "enable_lsd": False,
        "enable_upnp": False,
        "enable_natpmp": False,
        "allow_multiple_connections_per_ip": True,
        "alert_mask": lt.alert.category_t.all_categories,
    }
)
handle = session.add_torrent({"ti": lt.torrent_info(torrent_file), "save_path": folder})


def until(condition):
    while not condition(handle.status()):
        session.wait_for_alert(100)
        for alert in session.pop_alerts():
            if isinstance(alert, (lt.torrent_error_alert, lt.file_error_alert)):
                sys.exit(alert.message())


if mode == "seed":
    until(lambda status: status.is_seeding)
    print(session.listen_port(), flush=True)
    sys.stdin.read()
else:
    if sys.argv[4] != "-":
        host, port = sys.argv[4].rsplit(":", 1)
        until(lambda status: status.state != lt.torrent_status.checking_files)
        handle.connect_peer((host, int(port)))
    until(lambda status: status.is_seeding)
    handle.flush_cache()
    print("done", flush=True)
