// Command waku-node is a small Waku node for tests: go-waku's own relay (gossipsub),
// lightpush and filter protocols, plus what go-waku lacks: a Store v3 server
// (/vac/waku/store-query/3.0.0) over sqlite, and a REST API shaped as nwaku's.
// It opens no connection that its flags do not name: no NTP, NAT mapping, DNS or
// discovery, TCP (and optional websocket) on the given address only.
package main

import (
	"context"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"math"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/signal"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"

	"database/sql"

	"github.com/ethereum/go-ethereum/crypto"
	"github.com/go-chi/chi/v5"
	"github.com/libp2p/go-libp2p"
	pubsub "github.com/libp2p/go-libp2p-pubsub"
	"github.com/libp2p/go-libp2p/core/network"
	"github.com/libp2p/go-libp2p/core/peer"
	"github.com/libp2p/go-libp2p/p2p/muxer/yamux"
	"github.com/libp2p/go-libp2p/p2p/net/swarm"
	"github.com/libp2p/go-libp2p/p2p/transport/tcp"
	"github.com/libp2p/go-msgio/pbio"
	_ "github.com/mattn/go-sqlite3"
	"github.com/multiformats/go-multiaddr"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"
	"github.com/waku-org/go-waku/waku/v2/node"
	"github.com/waku-org/go-waku/waku/v2/peerstore"
	"github.com/waku-org/go-waku/waku/v2/protocol"
	"github.com/waku-org/go-waku/waku/v2/protocol/filter"
	"github.com/waku-org/go-waku/waku/v2/protocol/lightpush"
	wpb "github.com/waku-org/go-waku/waku/v2/protocol/pb"
	"github.com/waku-org/go-waku/waku/v2/protocol/relay"
	"github.com/waku-org/go-waku/waku/v2/protocol/store"
	spb "github.com/waku-org/go-waku/waku/v2/protocol/store/pb"
	"github.com/waku-org/go-waku/waku/v2/utils"
	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"
	"google.golang.org/protobuf/proto"
)

const variance = 20 * time.Second // nwaku's archive validator

type list []string

func (l *list) String() string     { return strings.Join(*l, ",") }
func (l *list) Set(s string) error { *l = append(*l, s); return nil }

// ---- archive -------------------------------------------------------------

type archive struct {
	db        *sql.DB
	retention time.Duration
	capacity  int
}

func openArchive(path string, retention time.Duration, capacity int) (*archive, error) {
	db, err := sql.Open("sqlite3", path+"?_journal_mode=WAL&_busy_timeout=5000")
	if err != nil {
		return nil, err
	}
	db.SetMaxOpenConns(1)
	_, err = db.Exec(`CREATE TABLE IF NOT EXISTS messages (
		hash BLOB PRIMARY KEY, pubsub TEXT NOT NULL, content TEXT NOT NULL, ts INTEGER NOT NULL,
		payload BLOB NOT NULL, version INTEGER NOT NULL, meta BLOB) WITHOUT ROWID;
		CREATE INDEX IF NOT EXISTS i_ts ON messages (ts, hash);
		CREATE INDEX IF NOT EXISTS i_q ON messages (content, pubsub, ts, hash);`)
	return &archive{db, retention, capacity}, err
}

func (a *archive) put(env *protocol.Envelope) error {
	m := env.Message()
	if m.GetEphemeral() {
		return nil
	}
	ts, now := m.GetTimestamp(), time.Now()
	if ts == 0 {
		ts = now.UnixNano()
	} else if d := time.Duration(ts - now.UnixNano()); d > variance || d < -variance {
		return errors.New("timestamp out of range")
	}
	h := env.Hash()
	_, err := a.db.Exec(`INSERT OR IGNORE INTO messages VALUES (?,?,?,?,?,?,?)`, h[:], env.PubsubTopic(), m.ContentTopic, ts, m.Payload, m.GetVersion(), m.Meta)
	return err
}

func (a *archive) clean() {
	if a.retention > 0 {
		_, _ = a.db.Exec(`DELETE FROM messages WHERE ts < ?`, time.Now().Add(-a.retention).UnixNano())
	}
	if a.capacity > 0 {
		_, _ = a.db.Exec(`DELETE FROM messages WHERE hash IN (SELECT hash FROM messages ORDER BY ts DESC, hash DESC LIMIT -1 OFFSET ?)`, a.capacity)
	}
}

func (a *archive) query(q *spb.StoreQueryRequest) *spb.StoreQueryResponse {
	res := &spb.StoreQueryResponse{RequestId: q.RequestId, StatusCode: proto.Uint32(200), StatusDesc: proto.String("OK")}
	fail := func(code uint32, desc string) *spb.StoreQueryResponse {
		return &spb.StoreQueryResponse{RequestId: q.RequestId, StatusCode: proto.Uint32(code), StatusDesc: proto.String(desc)}
	}
	if len(q.ContentTopics) > 10 {
		return fail(300, "BAD_RESPONSE: invalid query: too many content topics")
	}
	if len(q.MessageHashes) > 0 && (q.PubsubTopic != nil || len(q.ContentTopics) > 0) {
		return fail(400, "BAD_REQUEST: hashes cannot be used with content filters")
	}
	limit := uint64(store.DefaultPageSize)
	if q.PaginationLimit != nil && *q.PaginationLimit > 0 {
		limit = min(*q.PaginationLimit, store.MaxPageSize)
	}
	var where []string
	var args []any
	in := func(col string, n int) { where = append(where, col+" IN (?"+strings.Repeat(",?", n-1)+")") }
	if q.PubsubTopic != nil {
		where, args = append(where, "pubsub = ?"), append(args, *q.PubsubTopic)
	}
	if n := len(q.ContentTopics); n > 0 {
		in("content", n)
		for _, c := range q.ContentTopics {
			args = append(args, c)
		}
	}
	if n := len(q.MessageHashes); n > 0 {
		in("hash", n)
		for _, h := range q.MessageHashes {
			args = append(args, h)
		}
	}
	if q.TimeStart != nil {
		where, args = append(where, "ts >= ?"), append(args, *q.TimeStart)
	}
	if q.TimeEnd != nil {
		where, args = append(where, "ts <= ?"), append(args, *q.TimeEnd)
	}
	dir, cmp := "DESC", "<"
	if q.PaginationForward {
		dir, cmp = "ASC", ">"
	}
	if len(q.PaginationCursor) > 0 {
		var ts int64
		if err := a.db.QueryRow(`SELECT ts FROM messages WHERE hash = ?`, q.PaginationCursor).Scan(&ts); err != nil {
			return fail(300, "BAD_RESPONSE: cursor not found")
		}
		where, args = append(where, "(ts, hash) "+cmp+" (?, ?)"), append(args, ts, q.PaginationCursor)
	}
	stmt := "SELECT hash, pubsub, content, ts, payload, version, meta FROM messages"
	if len(where) > 0 {
		stmt += " WHERE " + strings.Join(where, " AND ")
	}
	stmt += fmt.Sprintf(" ORDER BY ts %s, hash %s LIMIT %d", dir, dir, limit+1)
	rows, err := a.db.Query(stmt, args...)
	if err != nil {
		return fail(300, "BAD_RESPONSE: "+err.Error())
	}
	defer rows.Close()
	for rows.Next() {
		kv, m := &spb.WakuMessageKeyValue{}, &wpb.WakuMessage{}
		var ps string
		var ts int64
		var ver uint32
		if err := rows.Scan(&kv.MessageHash, &ps, &m.ContentTopic, &ts, &m.Payload, &ver, &m.Meta); err != nil {
			return fail(300, "BAD_RESPONSE: "+err.Error())
		}
		if q.IncludeData {
			m.Timestamp, m.Version, kv.PubsubTopic, kv.Message = &ts, &ver, &ps, m
		}
		res.Messages = append(res.Messages, kv)
	}
	if uint64(len(res.Messages)) > limit {
		res.Messages = res.Messages[:limit]
		res.PaginationCursor = res.Messages[limit-1].MessageHash
	}
	if !q.PaginationForward {
		for i, j := 0, len(res.Messages)-1; i < j; i, j = i+1, j-1 {
			res.Messages[i], res.Messages[j] = res.Messages[j], res.Messages[i]
		}
	}
	return res
}

func (a *archive) serve(s network.Stream) {
	defer s.Close()
	req := &spb.StoreQueryRequest{}
	if err := pbio.NewDelimitedReader(s, math.MaxInt32).ReadMsg(req); err != nil {
		_ = s.Reset()
		return
	}
	_ = pbio.NewDelimitedWriter(s).WriteMsg(a.query(req))
}

// ---- REST ----------------------------------------------------------------

type b64 []byte

func (b b64) MarshalJSON() ([]byte, error) { return json.Marshal(base64.StdEncoding.EncodeToString(b)) }
func (b *b64) UnmarshalJSON(d []byte) error {
	var s string
	if err := json.Unmarshal(d, &s); err != nil {
		return err
	}
	s = strings.TrimRight(strings.NewReplacer("-", "+", "_", "/").Replace(s), "=")
	out, err := base64.RawStdEncoding.DecodeString(s)
	*b = out
	return err
}

type message struct {
	Payload      b64     `json:"payload"`
	ContentTopic string  `json:"contentTopic"`
	Meta         b64     `json:"meta,omitempty"`
	Version      *uint32 `json:"version"`
	Timestamp    *int64  `json:"timestamp"`
	Ephemeral    *bool   `json:"ephemeral"`
}

func fromProto(m *wpb.WakuMessage) *message {
	v, t, e := m.GetVersion(), m.GetTimestamp(), m.GetEphemeral()
	return &message{m.Payload, m.ContentTopic, m.Meta, &v, &t, &e}
}

func (m *message) toProto() (*wpb.WakuMessage, error) {
	if len(m.Payload) == 0 {
		return nil, errors.New("Field `payload` is missing or empty")
	}
	if strings.TrimSpace(m.ContentTopic) == "" {
		return nil, errors.New("Field `contentTopic` is missing or empty")
	}
	if m.Timestamp == nil || *m.Timestamp == 0 {
		return nil, errors.New("timestamp cannot be 0 or empty")
	}
	return &wpb.WakuMessage{Payload: m.Payload, ContentTopic: m.ContentTopic, Meta: m.Meta, Version: m.Version, Timestamp: m.Timestamp, Ephemeral: m.Ephemeral}, nil
}

type kvJSON struct {
	MessageHash string   `json:"messageHash"`
	Message     *message `json:"message,omitempty"`
	PubsubTopic *string  `json:"pubsubTopic,omitempty"`
}
type storeJSON struct {
	RequestID        string   `json:"requestId"`
	StatusCode       uint32   `json:"statusCode"`
	StatusDesc       string   `json:"statusDesc"`
	Messages         []kvJSON `json:"messages"`
	PaginationCursor string   `json:"paginationCursor,omitempty"`
}

func text(w http.ResponseWriter, code int, s string) {
	w.Header().Set("Content-Type", "text/plain")
	w.WriteHeader(code)
	_, _ = io.WriteString(w, s)
}
func jsonOut(w http.ResponseWriter, code int, v any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(code)
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	_ = enc.Encode(v)
}
func body(r *http.Request, v any) error { return json.NewDecoder(r.Body).Decode(v) }
func param(r *http.Request, name string) string {
	s, err := url.PathUnescape(chi.URLParam(r, name))
	if err != nil {
		return ""
	}
	return s
}

type api struct {
	n        *node.WakuNode
	ar       *archive
	maxMsg   int
	cacheCap int
	mu       sync.Mutex
	cache    map[string][]*message // per subscribed pubsub topic
	auto     map[string][]*message // per subscribed content topic
}

func (a *api) deliver(env *protocol.Envelope) {
	a.mu.Lock()
	defer a.mu.Unlock()
	add := func(c map[string][]*message, k string) {
		if q, ok := c[k]; ok {
			if q = append(q, fromProto(env.Message())); len(q) > a.cacheCap {
				q = q[len(q)-a.cacheCap:]
			}
			c[k] = q
		}
	}
	add(a.cache, env.PubsubTopic())
	add(a.auto, env.Message().ContentTopic)
}

func (a *api) join(topic string) error {
	if a.n.Relay().IsSubscribed(topic) {
		return nil
	}
	_, err := a.n.Relay().Subscribe(context.Background(), protocol.NewContentFilter(topic), relay.WithoutConsumer())
	return err
}

func (a *api) publish(w http.ResponseWriter, r *http.Request, topic string, m *message) {
	pm, err := m.toProto()
	if err != nil {
		text(w, 400, err.Error())
		return
	}
	if proto.Size(pm) > a.maxMsg {
		text(w, 400, fmt.Sprintf("Failed to publish: Message size exceeded maximum of %d bytes", a.maxMsg))
		return
	}
	if _, err = a.n.Relay().Publish(r.Context(), pm, relay.WithPubSubTopic(topic)); err != nil {
		text(w, 400, "Failed to publish. "+err.Error())
		return
	}
	text(w, 200, "OK")
}

func (a *api) storeV3(w http.ResponseWriter, r *http.Request) {
	v := r.URL.Query()
	q := &spb.StoreQueryRequest{RequestId: hex.EncodeToString(protocol.GenerateRequestID()), PaginationForward: true}
	bad := func(s string) { text(w, 400, s) }
	var err error
	if s := v.Get("includeData"); s != "" {
		if q.IncludeData, err = strconv.ParseBool(s); err != nil {
			bad("include data parsing error: " + err.Error())
			return
		}
	}
	if s := v.Get("pubsubTopic"); s != "" {
		q.PubsubTopic = &s
	}
	if s := v.Get("contentTopics"); s != "" {
		q.ContentTopics = strings.Split(s, ",")
	}
	for name, dst := range map[string]**int64{"startTime": &q.TimeStart, "endTime": &q.TimeEnd} {
		if s := v.Get(name); s != "" {
			t, err := strconv.ParseInt(s, 10, 64)
			if err != nil {
				bad("time parsing error: " + err.Error())
				return
			}
			if t > 0 {
				*dst = &t
			}
		}
	}
	hash := func(s string) ([]byte, bool) {
		h, err := hex.DecodeString(strings.TrimPrefix(s, "0x"))
		if err != nil {
			bad("Exception converting hex string to bytes: " + err.Error())
			return nil, false
		}
		if len(h) != 32 {
			bad(fmt.Sprintf("waku message hash parsing error: invalid hash length: %d", len(h)))
			return nil, false
		}
		return h, true
	}
	if s := v.Get("hashes"); s != "" {
		for _, one := range strings.Split(s, ",") {
			h, ok := hash(one)
			if !ok {
				return
			}
			q.MessageHashes = append(q.MessageHashes, h)
		}
	}
	if s := v.Get("cursor"); s != "" {
		h, ok := hash(s)
		if !ok {
			return
		}
		q.PaginationCursor = h
	}
	if s := v.Get("ascending"); s != "" {
		q.PaginationForward = s == "true"
	}
	if s := v.Get("pageSize"); s != "" {
		n, err := strconv.ParseUint(s, 10, 63)
		if err != nil {
			bad("page size parsing error: " + err.Error())
			return
		}
		q.PaginationLimit = &n
	}
	var res *spb.StoreQueryResponse
	if s := v.Get("peerAddr"); s != "" { // over libp2p, from another node's Store v3 server
		ma, err := multiaddr.NewMultiaddr(s)
		if err != nil {
			bad(err.Error())
			return
		}
		pid, err := a.n.AddPeer(ma, peerstore.Static, nil)
		if err != nil {
			bad(err.Error())
			return
		}
		ctx, cancel := context.WithTimeout(r.Context(), 5*time.Second)
		defer cancel()
		st, err := a.n.Host().NewStream(ctx, pid, store.StoreQueryID_v300)
		if err == nil {
			defer st.Close()
			_ = st.SetDeadline(time.Now().Add(5 * time.Second))
			res = &spb.StoreQueryResponse{}
			if err = pbio.NewDelimitedWriter(st).WriteMsg(q); err == nil {
				err = pbio.NewDelimitedReader(st, math.MaxInt32).ReadMsg(res)
			}
		}
		if err != nil {
			text(w, 500, "Error occurred in queryFut.read() ["+err.Error()+"]")
			return
		}
	} else if a.ar == nil {
		text(w, 412, "No suitable service peer & no discovery method")
		return
	} else {
		res = a.ar.query(q)
	}
	out := storeJSON{RequestID: res.RequestId, StatusCode: res.GetStatusCode(), StatusDesc: res.GetStatusDesc(), Messages: []kvJSON{}}
	for _, kv := range res.Messages {
		k := kvJSON{MessageHash: "0x" + hex.EncodeToString(kv.MessageHash), PubsubTopic: kv.PubsubTopic}
		if kv.Message != nil {
			k.Message = fromProto(kv.Message)
		}
		out.Messages = append(out.Messages, k)
	}
	if len(res.PaginationCursor) > 0 {
		out.PaginationCursor = "0x" + hex.EncodeToString(res.PaginationCursor)
	}
	jsonOut(w, 200, out)
}

func (a *api) routes() http.Handler {
	m := chi.NewRouter()
	m.Get("/health", func(w http.ResponseWriter, _ *http.Request) {
		jsonOut(w, 200, map[string]any{"nodeHealth": "Ready", "protocolsHealth": []any{}})
	})
	m.Get("/debug/v1/version", func(w http.ResponseWriter, _ *http.Request) { text(w, 200, "go-waku-testnode") })
	m.Get("/debug/v1/info", func(w http.ResponseWriter, _ *http.Request) {
		var ls []string
		for _, l := range a.n.ListenAddresses() {
			ls = append(ls, l.String())
		}
		jsonOut(w, 200, map[string]any{"listenAddresses": ls, "enrUri": a.n.ENR().String()})
	})
	m.Get("/admin/v1/peers", func(w http.ResponseWriter, _ *http.Request) {
		out := []map[string]any{}
		for _, c := range a.n.Host().Network().Conns() {
			ps, _ := a.n.Host().Peerstore().GetProtocols(c.RemotePeer())
			out = append(out, map[string]any{"multiaddr": c.RemoteMultiaddr().String() + "/p2p/" + c.RemotePeer().String(), "protocols": ps, "connected": "Connected"})
		}
		jsonOut(w, 200, out)
	})
	m.Post("/admin/v1/peers", func(w http.ResponseWriter, r *http.Request) {
		var as []string
		if body(r, &as) != nil {
			text(w, 400, "invalid content body, could not decode")
			return
		}
		for _, s := range as {
			if err := a.n.DialPeer(r.Context(), s); err != nil {
				text(w, 400, "Failed to connect to peer: "+err.Error())
				return
			}
		}
		text(w, 200, "OK")
	})
	subs := func(add bool, content bool) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) {
			var ts []string
			if body(r, &ts) != nil {
				text(w, 400, "Invalid content body, could not decode. Unable to deserialize data")
				return
			}
			for _, t := range ts {
				ps, c := t, a.cache
				if content {
					var err error
					if ps, err = protocol.GetPubSubTopicFromContentTopic(t); err != nil {
						text(w, 400, "Autosharding error: "+err.Error())
						return
					}
					c = a.auto
				}
				if add {
					if err := a.join(ps); err != nil {
						text(w, 500, err.Error())
						return
					}
				}
				a.mu.Lock()
				if _, ok := c[t]; add && !ok {
					c[t] = []*message{}
				} else if !add {
					delete(c, t)
				}
				a.mu.Unlock()
			}
			text(w, 200, "OK")
		}
	}
	drain := func(content bool) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) {
			a.mu.Lock()
			defer a.mu.Unlock()
			t, c := param(r, "topic"), a.cache
			if content {
				c = a.auto
			}
			q, ok := c[t]
			if !ok {
				text(w, 404, "Not subscribed to topic: "+t)
				return
			}
			c[t] = []*message{}
			jsonOut(w, 200, q)
		}
	}
	m.Post("/relay/v1/subscriptions", subs(true, false))
	m.Delete("/relay/v1/subscriptions", subs(false, false))
	m.Post("/relay/v1/auto/subscriptions", subs(true, true))
	m.Delete("/relay/v1/auto/subscriptions", subs(false, true))
	m.Get("/relay/v1/messages/{topic}", drain(false))
	m.Get("/relay/v1/auto/messages/{topic}", drain(true))
	m.Post("/relay/v1/messages/{topic}", func(w http.ResponseWriter, r *http.Request) {
		t, msg := param(r, "topic"), &message{}
		if !a.n.Relay().IsSubscribed(t) {
			text(w, 400, "Failed to publish: Node not subscribed to topic: "+t)
			return
		}
		if err := body(r, msg); err != nil {
			text(w, 400, "Invalid content body, could not decode. Unable to deserialize data: "+err.Error())
			return
		}
		a.publish(w, r, t, msg)
	})
	m.Post("/relay/v1/auto/messages", func(w http.ResponseWriter, r *http.Request) {
		msg := &message{}
		if err := body(r, msg); err != nil {
			text(w, 400, "Invalid content body, could not decode. Unable to deserialize data: "+err.Error())
			return
		}
		t, err := protocol.GetPubSubTopicFromContentTopic(msg.ContentTopic)
		if err != nil {
			text(w, 400, "Failed to publish. Autosharding error: "+err.Error())
			return
		}
		if err := a.join(t); err != nil {
			text(w, 500, err.Error())
			return
		}
		a.publish(w, r, t, msg)
	})
	push := func(answer func(w http.ResponseWriter, code int, desc string)) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) {
			var rq struct {
				PubsubTopic string   `json:"pubsubTopic"`
				Message     *message `json:"message"`
			}
			if err := body(r, &rq); err != nil || rq.Message == nil {
				answer(w, 400, "Invalid content body, could not decode. Unable to deserialize data")
				return
			}
			pm, err := rq.Message.toProto()
			if err != nil {
				answer(w, 400, "Invalid message: "+err.Error())
				return
			}
			if _, err = a.n.Lightpush().Publish(r.Context(), pm, lightpush.WithPubSubTopic(rq.PubsubTopic)); err != nil {
				answer(w, 503, "Failed to request a message push: "+err.Error())
				return
			}
			answer(w, 200, "OK")
		}
	}
	m.Post("/lightpush/v1/message", push(text))
	// nwaku's REST shape of version 3; between the nodes it is still version 2 of the protocol.
	m.Post("/lightpush/v3/message", push(func(w http.ResponseWriter, code int, desc string) {
		if code == 200 {
			jsonOut(w, 200, map[string]any{"relayPeerCount": 1})
			return
		}
		jsonOut(w, code, map[string]any{"statusDesc": desc})
	}))
	m.Get("/store/v3/messages", a.storeV3)
	m.Handle("/metrics", promhttp.Handler())
	return m
}

// ---- main ----------------------------------------------------------------

func must(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, "fatal:", err)
		os.Exit(1)
	}
}

func main() {
	var shards, static, advertise list
	addr := flag.String("address", "127.0.0.1", "listen address of libp2p and REST")
	port := flag.Int("tcp-port", 0, "libp2p TCP port (0: any free)")
	wsPort := flag.Int("websocket-port", -1, "libp2p websocket port (-1: off, 0: any free)")
	rest := flag.Int("rest-port", 0, "REST port (0: any free)")
	key := flag.String("nodekey", "", "secp256k1 key, 64 hex digits (default: random)")
	cluster := flag.Uint("cluster-id", 16, "cluster id")
	db := flag.String("store-db", "", "sqlite file of the store; empty: no store")
	ret := flag.Duration("store-retention-time", 48*time.Hour, "store retention, 0: none")
	capacity := flag.Int("store-retention-capacity", 0, "store capacity in messages, 0: no limit")
	sweep := flag.Duration("store-sweep", 5*time.Second, "how often retention is applied")
	maxMsg := flag.Int("max-msg-size", 150*1024, "largest message in bytes")
	minPeers := flag.Int("min-relay-peers", 1, "peers on the topic needed before publishing; with 0 a publish nobody hears answers OK")
	cacheCap := flag.Int("rest-relay-cache-capacity", 50, "messages kept for each polled topic")
	level := flag.String("log-level", "warn", "log level")
	flag.Var(&shards, "pubsub-topic", "pubsub topic to join (repeatable)")
	flag.Var(&advertise, "advertise", "multiaddr to announce instead of the listen address, such as a fault proxy's (repeatable)")
	flag.Var(&static, "staticnode", "multiaddr to dial (repeatable)")
	flag.Parse()

	lvl, err := zapcore.ParseLevel(*level)
	must(err)
	utils.InitLogger("json", "file:/dev/stderr", "node", lvl) // go-waku knows no "stderr"
	zc := zap.NewProductionConfig()                           // our own logger: node.WithLogLevel on go-waku's makes go-log recurse until the stack overflows
	zc.Level = zap.NewAtomicLevelAt(lvl)
	log, err := zc.Build()
	must(err)
	if *key == "" {
		k, err := crypto.GenerateKey()
		must(err)
		*key = hex.EncodeToString(crypto.FromECDSA(k))
	}
	priv, err := crypto.HexToECDSA(*key)
	must(err)
	host, err := net.ResolveTCPAddr("tcp", net.JoinHostPort(*addr, strconv.Itoa(*port)))
	must(err)

	opts := []node.WakuNodeOption{
		node.WithLogger(log), node.WithPrivateKey(priv), node.WithHostAddress(host), node.WithClusterID(uint16(*cluster)),
		node.WithKeepAlive(10*time.Second, time.Minute), node.WithPrometheusRegisterer(prometheus.DefaultRegisterer), node.WithMaxConnectionsPerIP(0),
		node.WithWakuRelayAndMinPeers(*minPeers, pubsub.WithMaxMessageSize(*maxMsg)), node.WithMaxMsgSize(*maxMsg),
		node.WithPubSubTopics(shards), // else its metadata names no shard at first, and peers hang up ("invalid shard count")
		node.WithLightPush(), node.WithWakuFilterFullNode(filter.WithTimeout(time.Hour)),
	}
	lp := []libp2p.Option{libp2p.Transport(tcp.NewTCPTransport), libp2p.Muxer("/yamux/1.0.0", yamux.DefaultTransport), libp2p.UserAgent("go-waku-testnode"), libp2p.EnableRelay()} // go-waku insists on circuit relay (client side)
	if *wsPort >= 0 {
		opts = append(opts, node.WithWebsockets(*addr, *wsPort))
	}
	var adv []multiaddr.Multiaddr
	for _, s := range advertise {
		a, err := multiaddr.NewMultiaddr(s)
		must(err)
		adv = append(adv, a)
	}
	if len(adv) > 0 { // go-waku's WithAdvertiseAddresses listens on them too, and still announces the listen address
		lp = append(lp, libp2p.AddrsFactory(func([]multiaddr.Multiaddr) []multiaddr.Multiaddr { return adv }))
	}
	opts = append(opts, node.WithLibP2POptions(lp...))
	n, err := node.New(opts...)
	must(err)
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	defer stop()
	must(n.Start(ctx))
	a := &api{n: n, maxMsg: *maxMsg, cacheCap: *cacheCap, cache: map[string][]*message{}, auto: map[string][]*message{}}
	if *db != "" {
		a.ar, err = openArchive(*db, *ret, *capacity)
		must(err)
		a.ar.clean()
		n.Host().SetStreamHandler(store.StoreQueryID_v300, a.ar.serve)
		go func() {
			for range time.Tick(*sweep) {
				a.ar.clean()
			}
		}()
	}
	sub := n.Broadcaster().RegisterForAll(relay.WithBufferSize(4096))
	go func() {
		for env := range sub.Ch {
			if a.ar != nil {
				if err := a.ar.put(env); err != nil {
					log.Warn("not archived", zap.Error(err))
				}
			}
			a.deliver(env)
		}
	}()
	for _, t := range shards {
		must(a.join(t))
		a.cache[t] = []*message{}
	}
	for _, s := range static {
		ai, err := peer.AddrInfoFromString(s)
		must(err)
		go func() { // keep the link up
			for ctx.Err() == nil {
				if n.Host().Network().Connectedness(ai.ID) != network.Connected {
					if sw, ok := n.Host().Network().(*swarm.Swarm); ok {
						sw.Backoff().Clear(ai.ID) // else one refused dial bars the next for 5 s and more
					}
					c, cancel := context.WithTimeout(ctx, 5*time.Second)
					_ = n.DialPeer(c, s)
					cancel()
				}
				time.Sleep(300 * time.Millisecond)
			}
		}()
	}
	ln, err := net.Listen("tcp", net.JoinHostPort(*addr, strconv.Itoa(*rest)))
	must(err)
	srv := &http.Server{Handler: a.routes()}
	go func() { _ = srv.Serve(ln) }()
	var ls []string
	for _, l := range n.ListenAddresses() {
		ls = append(ls, l.String())
	}
	// one line of JSON: what a test harness needs
	_ = json.NewEncoder(os.Stdout).Encode(map[string]any{"ready": true, "rest": "http://" + ln.Addr().String(), "peerId": n.ID(), "multiaddrs": ls})
	<-ctx.Done()
	sc, cancel := context.WithTimeout(context.Background(), 2*time.Second)
	defer cancel()
	_ = srv.Shutdown(sc)
	n.Stop()
	if a.ar != nil {
		_ = a.ar.db.Close()
	}
}
