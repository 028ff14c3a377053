#!/bin/bash
# The entry point of an image that stands for MongoDB's own where no registry is reachable: FerretDB on PostgreSQL, with the same
# port, user, folders and variables. It takes the arguments of mongod and does not look at them.
set -eu

port=27017
folder=/data/db
data=$folder/postgres
programs=$POSTGRES_PROGRAMS

# As root it gives the volume to the user that it then becomes; so does MongoDB's image.
if [ "$(id -u)" = 0 ]; then
  chown 999:999 $folder
  exec setpriv --reuid=999 --regid=999 --clear-groups -- "$0" "$@"
fi

read -ra settings < /etc/postgres-arguments
startPostgres() {
  # Nobody else has this volume: what a killed one left names a process that is gone.
  rm -f "$1/postmaster.pid"
  "$programs/postgres" -D "$1" "${settings[@]}" &
  postgres=$!
  until "$programs/pg_isready" -q -h 127.0.0.1 -U postgres; do
    kill -0 $postgres
    sleep 0.1
  done
}

# The first start makes the user. A data folder without one has another name.
if [ ! -d $data ]; then
  rm -rf $data.unfinished
  cp -r /template $data.unfinished
  chmod 700 $data.unfinished
  startPostgres $data.unfinished
  read -r password < "$MONGO_INITDB_ROOT_PASSWORD_FILE" || true
  "$programs/psql" -q -h 127.0.0.1 -U postgres -v ON_ERROR_STOP=1 -v user="$MONGO_INITDB_ROOT_USERNAME" -v password="$password" > /dev/null <<'SQL'
select documentdb_api.create_user(json_build_object('createUser', :'user', 'pwd', :'password',
  'roles', '[{"role":"clusterAdmin","db":"admin"},{"role":"readWriteAnyDatabase","db":"admin"}]'::json)::text::documentdb_core.bson);
SQL
  kill -INT $postgres
  wait $postgres
  sync
  mv $data.unfinished $data
fi

startPostgres $data
mkdir -p $folder/ferretdb
ferretdb --listen-addr=0.0.0.0:$port --debug-addr=- --telemetry=disabled --state-dir=$folder/ferretdb --log-level=warn \
  --postgresql-url=postgres://postgres@127.0.0.1/postgres &
ferretdb=$!

# Told to stop, it ends in order: the gateway first, so that what it was asked is answered. Where one of the two ends unasked, the other is of
# no use.
stopping=
stop() {
  stopping=1
  kill -TERM $ferretdb
  wait $ferretdb || true
  kill -INT $postgres
  wait $postgres
  exit 0
}
trap stop TERM INT
wait -n || true
[ -n "$stopping" ] || { kill -KILL $ferretdb $postgres || true; exit 1; }
