/* SPDX-License-Identifier: MIT */
/*
 * The ledger against a small kernel with a known truth. Sockets are born, send, end and live again;
 * dumps read them one by one while they go on, deliver rows late, are interrupted or fail; events
 * are told late, but in order. After every step no total may have fallen; at the end the sums are
 * the truth in mode exact, and never more than it in the others. The same seed, the same run.
 */
#include <errno.h>
#include <stdlib.h>
#include <sys/socket.h>
#include "lib/ledger.h"
#include "tests/tap.h"

enum { SOCKETS = 48, QUEUE_MOST = 65536, SLOTS = 4, PORTS = 400, ESTABLISHED = 1 };

struct sock {
	bool alive, old, based, row_read;
	uint64_t cookie, base_out, base_in, row_out, row_in;
	uint64_t sent, retrans, received;
	uint16_t port;
	uint8_t wan;
	uint32_t token;
	struct life late; /* the ending of the life before, not told yet */
	uint32_t late_steps;
};

struct kernel {
	struct sock socks[SOCKETS];
	struct life queue[QUEUE_MOST];
	size_t queued;
	struct subflow_row rows[SOCKETS]; /* read, not delivered yet */
	size_t row_count, delivered, next;
	bool dumping;
	uint64_t cookie, now_ms, births, truth_out, truth_in;
	uint32_t token;
	uint64_t random;
};

struct run {
	struct kernel k;
	struct ledger *ledger;
	enum accounting mode;
	unsigned int lose; /* one event in so many is lost; 0: none */
	struct tally before[SLOTS + 1];
	bool fell;
};

static uint32_t below(struct kernel *k, uint32_t most)
{
	k->random ^= k->random << 13;
	k->random ^= k->random >> 7;
	k->random ^= k->random << 17;
	return (uint32_t)(k->random >> 16) % most;
}

static uint8_t owner(void *arg, const struct address *local, uint32_t bound_ifindex)
{
	(void)arg, (void)bound_ifindex;
	return local->bytes[3] < SLOTS ? local->bytes[3] : UNATTRIBUTED;
}

static struct tuple tuple_of(const struct sock *sock)
{
	return (struct tuple){
		{ AF_INET, { 10, 0, 0, sock->wan } }, { AF_INET, { 192, 0, 2, 1 } }, sock->port, 443
	};
}

static struct octets octets_now(const struct sock *sock)
{
	return (struct octets){ .out = sock->sent - sock->retrans,
				.retrans = sock->retrans,
				.in = sock->received,
				.sent = sock->sent };
}

static void tell(struct run *r, const struct life *life)
{
	if (r->mode != ACCOUNTING_SAMPLED && r->k.queued < QUEUE_MOST)
		r->k.queue[r->k.queued++] = *life;
}

/* What a socket of another life, or of no life of ours, may not share: its four-tuple. */
static uint16_t free_port(struct kernel *k)
{
	uint16_t port = (uint16_t)(1000 + below(k, PORTS));

	for (size_t i = 0; i < SOCKETS; i++)
		if (k->socks[i].alive && k->socks[i].port == port)
			return free_port(k);
	return port;
}

static void begin_life(struct run *r, struct sock *sock)
{
	struct life birth = { .kind = BORN, .mptcp = true };

	sock->alive = true;
	sock->old = sock->row_read = false;
	sock->sent = sock->retrans = sock->received = 0;
	sock->port = free_port(&r->k);
	sock->wan = (uint8_t)below(&r->k, SLOTS + 1);
	sock->token = ++r->k.token;
	r->k.births++;
	birth.cookie = r->mode == ACCOUNTING_EXACT ? sock->cookie : 0;
	birth.tuple = tuple_of(sock);
	birth.token = sock->token;
	tell(r, &birth);
}

static void birth(struct run *r, struct sock *sock)
{
	bool again = sock->cookie && below(&r->k, 3) == 0;

	/* Where endings are told by the socket's destruction, it does not live again after that. */
	if (!again || r->mode == ACCOUNTING_EVENTS)
		sock->cookie = ++r->k.cookie;
	begin_life(r, sock);
}

static void traffic(struct kernel *k, struct sock *sock)
{
	uint32_t sent = below(k, 3000);

	sock->sent += sent;
	sock->retrans += below(k, 4) ? 0 : sent / 3;
	sock->received += below(k, 5000);
}

static void truth(struct kernel *k, const struct sock *sock)
{
	struct octets octets = octets_now(sock);

	if (sock->old && !sock->based)
		return;
	k->truth_out += octets.out - (sock->old ? sock->base_out : 0);
	k->truth_in += octets.in - (sock->old ? sock->base_in : 0);
}

static void end_life(struct run *r, struct sock *sock)
{
	struct life ending = { .kind = ENDED,
			       .cookie = sock->cookie,
			       .tuple = tuple_of(sock),
			       .mptcp = r->mode == ACCOUNTING_EXACT,
			       .octets = octets_now(sock) };
	uint32_t fate = below(&r->k, 10);

	truth(&r->k, sock);
	sock->alive = false;
	sock->late_steps = 0;
	if (r->mode == ACCOUNTING_EVENTS && fate < 4) {
		if (fate < 2) { /* the other side closed first: zeros, and no ports */
			ending.cleared = true;
			ending.tuple = (struct tuple){ 0 };
			ending.octets = (struct octets){ 0 };
		}
		sock->late = ending;
		sock->late_steps = 1 + below(&r->k, 300);
		return;
	}
	tell(r, &ending);
	ending = (struct life){ .kind = CONNECTION_CLOSED, .token = sock->token, .mptcp = true };
	if (r->mode == ACCOUNTING_EVENTS)
		tell(r, &ending);
}

static void late_endings(struct run *r)
{
	for (size_t i = 0; i < SOCKETS; i++) {
		struct sock *sock = &r->k.socks[i];
		struct life closed = { .kind = CONNECTION_CLOSED, .token = sock->token };

		if (!sock->late_steps || --sock->late_steps)
			continue;
		tell(r, &closed);
		tell(r, &sock->late);
	}
}

static void plain_tcp(struct run *r)
{
	struct sock plain = { .cookie = ++r->k.cookie, .port = 9000 };
	struct life ending = { .kind = ENDED,
			       .cookie = plain.cookie,
			       .tuple = tuple_of(&plain),
			       .octets = { 5000, 0, 5000, 5000 } };

	if (r->mode == ACCOUNTING_EVENTS)
		tell(r, &ending);
}

static void kernel_step(struct run *r)
{
	struct sock *sock = &r->k.socks[below(&r->k, SOCKETS)];
	uint32_t what = below(&r->k, 100);

	late_endings(r);
	if (!sock->alive && !sock->late_steps && what < 50)
		birth(r, sock);
	else if (sock->alive && what < 20)
		end_life(r, sock);
	else if (sock->alive)
		traffic(&r->k, sock);
	else if (what > 95)
		plain_tcp(r);
}

/*
 * --- between kernel and ledger -----------------------------------------------------------------
 */

static void hand_on(struct run *r, const struct life *life)
{
	if (r->lose && !below(&r->k, r->lose))
		ledger_lost(r->ledger, 1);
	else
		ledger_life(r->ledger, life);
}

/*
 * Hands on the first `count` events. In mode events births come from a stream of their own, which
 * is read after that of the endings and entered before it.
 */
static void drain(struct run *r, size_t count)
{
	struct kernel *k = &r->k;
	size_t kept = 0;

	if (r->mode != ACCOUNTING_EVENTS) {
		for (size_t i = 0; i < count; i++)
			hand_on(r, &k->queue[i]);
		memmove(k->queue, k->queue + count, (k->queued - count) * sizeof(k->queue[0]));
		k->queued -= count;
		return;
	}
	for (int steps = (int)below(k, 4); steps; steps--)
		kernel_step(r);
	for (size_t i = 0; i < k->queued; i++)
		if (k->queue[i].kind != ENDED)
			hand_on(r, &k->queue[i]);
	for (size_t i = 0; i < k->queued; i++) {
		if (k->queue[i].kind != ENDED)
			continue;
		if (i < count)
			hand_on(r, &k->queue[i]);
		else
			k->queue[kept++] = k->queue[i];
	}
	k->queued = kept;
}

static void read_row(struct run *r, struct sock *sock)
{
	struct subflow_row row = { .cookie = sock->cookie,
				   .tuple = tuple_of(sock),
				   .state = ESTABLISHED,
				   .token = sock->token,
				   .octets = octets_now(sock) };

	/* Read half-way through an update: only where that cannot be taken for a new life. */
	if (!sock->old && r->mode == ACCOUNTING_EXACT && !r->lose && !below(&r->k, 20))
		row.octets.out -= row.octets.out / 10;
	sock->row_read = true;
	sock->row_out = row.octets.out;
	sock->row_in = row.octets.in;
	r->k.rows[r->k.row_count++] = row;
}

static void begin_dump(struct run *r)
{
	drain(r, r->k.queued);
	ledger_dump_begin(r->ledger);
	r->k.dumping = true;
	r->k.row_count = r->k.delivered = r->k.next = 0;
	for (size_t i = 0; i < SOCKETS; i++)
		r->k.socks[i].row_read = false;
}

static void end_dump(struct run *r, bool complete)
{
	drain(r, r->k.queued);
	ledger_dump_end(r->ledger, complete, NULL, 0, r->k.now_ms += 1 + below(&r->k, 5000));
	r->k.dumping = false;
	for (size_t i = 0; complete && i < SOCKETS; i++) {
		struct sock *sock = &r->k.socks[i];

		if (sock->alive && sock->old && !sock->based && sock->row_read) {
			sock->based = true;
			sock->base_out = sock->row_out;
			sock->base_in = sock->row_in;
		}
	}
}

/* A few more sockets are read; what was read is delivered when the buffer is sent, later. */
static void go_on_dumping(struct run *r)
{
	struct kernel *k = &r->k;

	for (int i = 0; i < 3 && k->next < SOCKETS; i++, k->next++)
		if (k->socks[k->next].alive)
			read_row(r, &k->socks[k->next]);
	if (!below(k, 4) || k->next == SOCKETS)
		while (k->delivered < k->row_count)
			ledger_row(r->ledger, &k->rows[k->delivered++]);
	if (!below(k, 400)) {
		ledger_dump_begin(r->ledger); /* interrupted: asked again */
		k->row_count = k->delivered = k->next = 0;
	} else if (!below(k, 400)) {
		end_dump(r, false);
	} else if (k->next == SOCKETS) {
		end_dump(r, true);
	}
}

static void check(struct run *r)
{
	for (size_t i = 0; i <= SLOTS; i++) {
		const struct tally *now = &ledger_tallies(r->ledger)[i < SLOTS ? i : UNATTRIBUTED];
		const struct tally *was = &r->before[i];

		r->fell |= now->in_octets < was->in_octets || now->out_octets < was->out_octets ||
			   now->retrans_octets < was->retrans_octets || now->opened < was->opened ||
			   now->closed < was->closed;
		r->before[i] = *now;
	}
}

static void step(struct run *r)
{
	kernel_step(r);
	if (r->k.dumping && !below(&r->k, 2))
		go_on_dumping(r);
	else if (!r->k.dumping && !below(&r->k, 40))
		begin_dump(r);
	if (!below(&r->k, 30))
		drain(r, below(&r->k, (uint32_t)r->k.queued + 1));
	check(r);
}

static void older_sockets(struct run *r)
{
	for (size_t i = 0; i < SOCKETS; i++) {
		struct sock *sock = &r->k.socks[i];

		*sock = (struct sock){ .alive = true,
				       .old = true,
				       .cookie = ++r->k.cookie,
				       .port = (uint16_t)(100 + i),
				       .wan = (uint8_t)(i % SLOTS),
				       .sent = 1000000,
				       .received = 5000000 };
	}
}

static void finish(struct run *r)
{
	for (size_t i = 0; i < SOCKETS; i++)
		if (r->k.socks[i].alive)
			end_life(r, &r->k.socks[i]);
	for (int i = 0; i < 400; i++)
		late_endings(r);
	if (r->k.dumping)
		end_dump(r, false);
	for (int i = 0; i < 70; i++) {
		begin_dump(r);
		end_dump(r, true);
	}
	check(r);
}

static void run(enum accounting mode, const char *what, unsigned int lose, uint32_t most,
		uint64_t seed, int steps)
{
	struct run *r = calloc(1, sizeof(*r));
	struct ledger_settings settings = { .owner = owner, .seed = seed, .subflows_most = most };
	struct tally sum = { 0 };

	r->k.random = seed;
	r->mode = mode;
	r->lose = lose;
	r->ledger = ledger_new(&settings);
	ledger_mode(r->ledger, mode);
	older_sockets(r);
	for (int i = 0; i < steps; i++)
		step(r);
	finish(r);
	for (size_t i = 0; i <= SLOTS; i++) {
		sum.out_octets += r->before[i].out_octets;
		sum.in_octets += r->before[i].in_octets;
		sum.opened += r->before[i].opened;
	}
	ok(!r->fell, "%s: no total ever falls", what);
	if (mode == ACCOUNTING_EXACT && !lose && most > SOCKETS * 8) {
		is_u64(sum.out_octets, r->k.truth_out, "%s: octets sent are the truth", what);
		is_u64(sum.in_octets, r->k.truth_in, "%s: octets received are the truth", what);
		is_u64(sum.opened, r->k.births, "%s: every birth is counted once", what);
	} else {
		ok(sum.out_octets <= r->k.truth_out, "%s: octets sent are no more than the truth",
		   what);
		ok(sum.in_octets <= r->k.truth_in, "%s: octets received are no more than the truth",
		   what);
		ok(sum.in_octets > r->k.truth_in / 10, "%s: and not next to nothing", what);
		printf("# %s: %.2f %% of what was received\n", what,
		       (double)sum.in_octets * 100 / (double)r->k.truth_in);
	}
	is_u64(ledger_live(r->ledger), 0, "%s: all are gone at the end", what);
	ledger_free(r->ledger);
	free(r);
}

int main(void)
{
	run(ACCOUNTING_EXACT, "exact", 0, 10000, 1, 200000);
	run(ACCOUNTING_EVENTS, "events", 0, 10000, 2, 200000);
	run(ACCOUNTING_SAMPLED, "sampled", 0, 10000, 3, 200000);
	run(ACCOUNTING_EXACT, "exact with losses", 200, 10000, 4, 200000);
	run(ACCOUNTING_EVENTS, "events with losses", 200, 10000, 5, 200000);
	for (uint64_t seed = 10; seed < 30; seed++)
		run(ACCOUNTING_EXACT, "exact, beyond the bound", 0, 40, seed, 3000);
	return tap_done();
}
