/*
 * link.pml: the `sale` stream of one cart, from the outbox to the books, as docs/protocol.md has it.
 *
 * Run (Debian: apt-get install spin gcc), e.g. the design as written, with a lying flash, 3 starts, 2 events a start:
 *
 *     spin -DLIE -DQ=1 -DS=2 -a link.pml && gcc -O2 -DSAFETY -DCOLLAPSE -DMEMLIM=12000 -o pan pan.c && ./pan -m1000000
 *     (a violation in words: spin -DLIE -t link.pml | grep '>')    liveness: add -DLTL, gcc without -DSAFETY, ./pan -a -f
 *
 * or every configuration that was tried: sh run.sh (ONLY=NAME for one).  Flags (spin -D...):
 *   E S Q      starts (epochs), events an epoch, unread records a partition
 *   LIE        a crash may roll the outbox (events and acked marks) back to what the flash really had
 *   NLOSS=n    the guild loses log and read model n times and then asks to send again (`resend since`)
 *   KLOSS      Kafka loses its disk, the read model stays (KRESEND: then `resend since` is asked for)
 *   RETAIN     acknowledged events leave the outbox with age
 *   REPART     partitions are added: the cart's frames go to two partitions, read in any relative order
 *   POSRETRY   the POS repeats a sale (same request_id) until it has a folio
 *   ZOMBIE     a second consumer holds an old batch and commits late
 *   ONE        sales in the first epoch only (a smaller search)
 *   ORDER      asserts that first copies arrive in the cart's own order across epochs
 *   fixes:     RULE=1 (next_seq + missing ranges)  TOKEN (acks name the gateway's round)  REPEATCMD (resend command
 *              stands until the cart reports it done)  REQDEDUP (sales role knows request_id)
 *              LEDGER (instead of TOKEN and REPEATCMD: a number of the guild's, retained; frames carry it, acks echo it)
 *              RANGE (acks name first_seq too; only what they name is let go)
 *              ROWCAS (with PGRACE: the accounting row too is written by compare-and-swap)
 *              LOGID (the log's identity is stored with the offset)
 *   mutants:   SAMEEPOCH PIPELINE ACKEARLY NOCAS NOSEQ NOCLEAN(LTL) PGRACE (each must be caught: the model's teeth)
 *
 * How the network and the bridges are modelled: `up` is the SET of frames ever sent, `ack` the SET of acks ever sent. Any member may
 * be delivered at any later time, any number of times, in any order, or never: that is loss, duplication, reordering, unbounded
 * delay, any number of bridges, slow bridges, and bridges that die between produce and ack, all in one. Gateway timeouts are
 * "may send at any time, re-cut at will"; stop-and-wait is "a frame starts at the first event not acknowledged".
 * Kafka: queues of unread records; a read record need not be kept, since state and offset commit together.
 * `calm`: from some moment on, no new disturbance (late copies and late acks still arrive), and a frame and its ack can get through.
 */
#ifndef E
#define E 3
#endif
#ifndef S
#define S 3
#endif
#ifndef Q
#define Q 2
#endif
#ifndef RULE
#define RULE 0
#endif
#ifndef NLOSS
#define NLOSS 0
#endif

#if NLOSS > 0 || defined(KLOSS)
#define LOSSY
#endif

#define NF (E*S*2)
#define B(e,s)      (1 << ((e)*S+(s)))
#define FID(e,s,n)  ((((e)*S+(s))*2)+(n)-1)
#define F_E(f)      (((f)/2)/S)
#define F_S(f)      (((f)/2)%S)
#define F_N(f)      ((f)%2+1)
#ifdef RANGE    /* an ack names first_seq and next_seq of its frame */
#define NA          NF
#define ACK(f)      (1 << (f))
#define A_E(f)      F_E(f)
#define A_N(f)      (F_S(f)+F_N(f))
#define FITS(f)     (F_S(f) <= acked[F_E(f)])
#else           /* an ack names next_seq only */
#define NA          (E*S)
#define ACK(f)      B(F_E(f), F_S(f)+F_N(f)-1)
#define A_E(f)      ((f)/S)
#define A_N(f)      ((f)%S+1)
#define FITS(f)     true
#endif

/* the cart: what the outbox holds (durable as far as the gateway can know), and what the flash really has */
byte cur;                               /* this start's epoch */
byte cnt[E], acked[E], base[E];         /* events base..cnt-1 are held, those before acked are acknowledged */
#ifdef LIE
byte rcnt[E], racked[E], rbase[E];
bool wrote;                             /* one such moment a start is enough: only the last one counts */
#endif
bool doing;                             /* volatile: a resend is under way */
byte reqno;                             /* the POS's present sale */
byte req[E*S];                          /* request_id inside each event */

/* the network */
int up, upold, ack;

/* the guild */
chan q0 = [Q] of { byte };
chan q1 = [Q] of { byte };
bool parts;                             /* partitions were added */
int inlog;                              /* events that are in Kafka */
byte nxt[E];
int missing;                            /* RULE 1: numbers below next_seq not seen yet */
int counted;                            /* the books */
int rcounted;
bool gap;                               /* a gap was shown */
byte ahead;                              /* the stored offset is so far beyond the end of a new, empty log */
bool klost;
#ifdef LEDGER
byte ledger;                            /* the guild's ledger number, a retained message: raised when it asks to send again */
byte glog;                              /* the ledger that the outbox's acked marks are about (durable) */
byte rglog;
int ackold;
#define ASKED    (glog != ledger)
#define CANSEND  (glog == ledger)
#define CURRENT  (glog == ledger)
#else
#define ASKED    cmd
#define CANSEND  (!cmd || doing)
#define CURRENT  true
#endif
bool cmd;                               /* `resend since` is asked for */
byte losses;
bool calm;

/* scratch, always 0 between steps */
byte e, s, n, f, k;
bool x;

inline anyunacked(ok) {
	ok = false; k = 0;
	do
	:: k < E -> if :: acked[k] < cnt[k] -> ok = true :: else fi; k++
	:: else -> break
	od; k = 0
}
inline oldest() {                       /* -> e: the oldest epoch with events not acknowledged; E: none */
	e = 0;
	do
	:: e < E && acked[e] >= cnt[e] -> e++
	:: else -> break
	od
}
inline setlog(f) {
	inlog = inlog | B(F_E(f), F_S(f));
	if :: F_N(f) == 2 -> inlog = inlog | B(F_E(f), F_S(f)+1) :: else fi
}
#ifdef LEDGER
#define SEND(x)  if :: glog == ledger -> up = up | (1 << (x)) :: else -> upold = upold | (1 << (x)) fi
#else
#define SEND(x)  up = up | (1 << (x))
#endif
inline newround() {
#ifdef TOKEN
	upold = upold | up; up = 0; ack = 0
#else
	skip
#endif
}

/* what a consumer does with event (e,s) */
inline count1(ee,ss) {
#ifdef ORDER   /* is log order the cart's order, across epochs? */
	assert((counted >> (((ee)+1)*S)) == 0);
#endif
#ifdef POSRETRY
	if
	:: rcounted & (1 << req[(ee)*S+(ss)]) ->
#ifndef REQDEDUP
		assert(false)                   /* P5: one sale of the POS counted under two folios */
#else
		counted = counted | B(ee,ss)    /* seen, and known to be the same sale */
#endif
	:: else -> counted = counted | B(ee,ss); rcounted = rcounted | (1 << req[(ee)*S+(ss)])
	fi
#else
	assert(!(counted & B(ee,ss)));      /* P1: counted twice */
	counted = counted | B(ee,ss)
#endif
}
inline apply1(ee,ss) {
	if
#ifdef NOSEQ
	:: true -> count1(ee,ss)
#else
	:: ss >= nxt[ee] ->
		if :: ss > nxt[ee] ->
#if !defined(LOSSY) && !defined(REPART)
			assert(false);              /* P2: a gap that is none */
#endif
			gap = true; printf("> gap shown: %d..%d\n", nxt[ee], ss-1)
		:: else fi;
#if RULE == 1
		k = nxt[ee];
		do :: k < ss -> missing = missing | B(ee,k); k++ :: else -> break od; k = 0;
#endif
		nxt[ee] = ss+1;
		count1(ee,ss)
#if RULE == 1
	:: ss < nxt[ee] && (missing & B(ee,ss)) -> missing = missing & ~B(ee,ss); count1(ee,ss)
#endif
	:: else -> assert(counted & B(ee,ss))   /* P1: dropped as a duplicate, never counted */
#endif
	fi
}
inline applyf() {
	e = F_E(f); s = F_S(f); n = F_N(f); printf("> consumer reads [%d, %d..%d], next=%d\n", e, s, s+n-1, nxt[e]);
	apply1(e,s);
	if :: n == 2 -> s = s+1; apply1(e,s) :: else fi;
	e = 0; s = 0; n = 0; f = 0
}

active proctype Gateway() {
end:
	do
	/* a sale: appended, then (only then) its folio */
#ifdef ONE      /* smaller: sales in the first epoch only */
#define MAYSELL (cur == 0)
#else
#define MAYSELL true
#endif
	:: d_step { !calm && cnt[cur] < S && (reqno < E*S) && MAYSELL ->
#ifdef POSRETRY
		/* unless the outbox still knows this request_id */
		e = 0; x = false;
		do
		:: e < E -> s = base[e];
			do :: s < cnt[e] -> if :: req[e*S+s] == reqno -> x = true :: else fi; s++ :: else -> break od; e++
		:: else -> break
		od; e = 0; s = 0;
		if
		:: !x ->
#endif
			assert(!(inlog & B(cur,cnt[cur])));     /* P1: a number used twice */
			printf("> sale %d.%d kept (request %d)\n", cur, cnt[cur], reqno);
			req[cur*S+cnt[cur]] = reqno;
			cnt[cur] = cnt[cur]+1
#ifdef POSRETRY
		:: else -> printf("> POS gets the folio of request %d\n", reqno); reqno++                      /* the POS gets its folio */
		fi; x = false
#else
			; reqno = 0
#endif
	   }
	/* send: one frame of 1..2 events of one epoch, from the first not acknowledged; again at will, cut otherwise at will */
	:: atomic { !calm -> oldest();
		if
		:: e < E -> s = acked[e];
#ifdef PIPELINE
			if :: s+1 < cnt[e] -> s++ :: skip fi;
#endif
			if
			:: s+1 < cnt[e] -> SEND(FID(e,s,2)); printf("> cart sends [%d, %d..%d]\n", e, s, s+1)
			:: SEND(FID(e,s,1)); printf("> cart sends [%d, %d]\n", e, s)
			fi
		:: else
		fi; e = 0; s = 0 }
#ifdef LEDGER
	/* an ack of an earlier ledger counts only while the outbox is about that ledger */
	:: atomic { ackold != 0 && glog != ledger ->
		f = 0; do :: f < NA-1 -> f++ :: break od;
		if
		:: (ackold & (1 << f)) && FITS(f) -> e = A_E(f); n = A_N(f); printf("> cart gets ack [%d, next %d] of the old ledger\n", e, n);
			s = acked[e];
			do :: s < n && s < cnt[e] -> s++ :: else -> break od;
			acked[e] = s
		:: else
		fi; f = 0; e = 0; s = 0; n = 0 }
#endif
	/* an ack, however old */
	:: atomic { (ack != 0 && CURRENT) ->
		f = 0; do :: f < NA-1 -> f++ :: break od;
		if
		:: (ack & (1 << f)) && FITS(f) -> e = A_E(f); n = A_N(f); printf("> cart gets ack [%d, next %d]\n", e, n);
			s = acked[e];
			do
			:: s < n && s < cnt[e] ->
#ifndef LOSSY
				assert(inlog & B(e,s));         /* P3: let go of what is not in Kafka */
#endif
				s++
			:: else -> break
			od;
			acked[e] = s
		:: else
		fi; f = 0; e = 0; s = 0; n = 0 }
#ifdef RETAIN
	/* acknowledged and old: forgotten */
	:: atomic { !calm -> e = 0; do :: e < E-1 -> e++ :: break od;
		if :: base[e] < acked[e] -> printf("> cart forgets the old, acknowledged %d.%d\n", e, base[e]); base[e] = base[e]+1 :: else fi; e = 0 }
#endif
#ifdef LIE
	/* the flash writes out what it said it had */
	:: d_step { !calm && !wrote -> wrote = true; printf("> flash really writes\n"); e = 0; do :: e < E -> rcnt[e] = cnt[e]; racked[e] = acked[e]; rbase[e] = base[e]; e++ :: else -> break od; e = 0
#ifdef LEDGER
		; rglog = glog
#endif
	   }
	:: d_step { !calm && cur < E-1 -> printf("> power loss: outbox rolled back to what the flash wrote\n");
		e = 0; do :: e < E -> cnt[e] = rcnt[e]; acked[e] = racked[e]; base[e] = rbase[e]; e++ :: else -> break od; e = 0;
		wrote = false; doing = false; newround();
#ifdef LEDGER
		glog = rglog;
#endif
#ifndef SAMEEPOCH
		cur++
#endif
	   }
#endif
	/* a crash that loses memory only */
	:: d_step { !calm && cur < E-1 -> printf("> gateway restarts\n"); doing = false; newround();
#ifdef LIE
		wrote = false;
#endif
#ifndef SAMEEPOCH
		cur++
#endif
	   }
	od
}

#ifdef LOSSY
active proctype Resend() {
end:
	do
	/* `resend since` arrives: everything held is to be sent again */
#ifdef LEDGER
	:: d_step { glog != ledger -> glog = ledger;
#else
	:: d_step { cmd && !doing ->
#endif
	  printf("> cart gets resend since\n");
		e = 0; do :: e < E -> acked[e] = base[e]; e++ :: else -> break od; e = 0;
		newround();
#ifdef REPEATCMD
		doing = true
#else
		cmd = false                     /* (a ledger number just stays announced) */
#endif
	   }
	:: atomic { doing -> anyunacked(x);
		if :: !x -> doing = false; cmd = false :: else fi; x = false }
	od
}
#endif

/* any bridge, with any copy of any frame ever sent */
active proctype Bridge() {
end:
	do
	:: atomic { (up | upold) != 0 && len(q0) < ((calm && Q > 1) -> Q-1 : Q) && len(q1) < ((calm && Q > 1) -> Q-1 : Q) ->
		f = 0; do :: f < NF-1 -> f++ :: break od;
		if
		:: (up | upold) & (1 << f) ->
#ifdef ACKEARLY
			ack = ack | ACK(f);
			if :: true -> goto lost :: true fi;
#endif
			if :: ahead > 0 -> ahead-- :: ahead == 0 -> q0!f :: parts -> q1!f fi; printf("> a bridge appends [%d, %d..%d]\n", F_E(f), F_S(f), F_S(f)+F_N(f)-1);
			setlog(f);
			if
			:: up & (1 << f) -> ack = ack | ACK(f)     /* next_seq-1 */
#ifdef LEDGER
			:: upold & (1 << f) -> ackold = ackold | ACK(f)
#endif
			:: skip                                                     /* died before the ack */
			fi
		:: else
		fi;
lost:		f = 0 }
	od
}

#ifdef ZOMBIE
byte zf = 255; bool zold; byte znxt; int zmis;
#endif

active proctype Consumer() {
end:
	do
	:: atomic { len(q0) > 0 -> q0?f; applyf();
#ifdef ZOMBIE
		zold = true
#endif
	   }
#ifdef ZOMBIE
	/* it reads a batch and the state, sleeps, and commits with compare-and-swap on the offset */
	:: atomic { zf == 255 && len(q0) > 0 -> q0?<zf>; zold = false; znxt = nxt[F_E(zf)] }
	:: atomic { zf != 255 ->
		if
		:: !zold -> q0?f; applyf()
		:: else ->
#ifdef NOCAS
			if :: F_S(zf) >= znxt -> count1(F_E(zf), F_S(zf)) :: else fi
#else
			skip
#endif
		fi; zf = 255; znxt = 0; zold = false; printf("> second consumer's commit\n") }
#endif
	od
}

#ifdef REPART
#ifdef PGRACE
bool r2; byte n2;
#endif
active proctype Consumer2() {
end:
	do
#ifdef PGRACE   /* PostgreSQL, READ COMMITTED: the accounting row is read without a lock, each consumer's CAS is on its own partition only */
	:: atomic { !r2 && len(q1) > 0 -> q1?<f>; n2 = nxt[F_E(f)]; r2 = true; f = 0 }
	:: atomic { r2 && len(q1) > 0 -> q1?f; r2 = false;
		if
		:: n2 == nxt[F_E(f)] -> applyf()
		:: else -> printf("> second consumer commits what it decided on next=%d\n", n2);
#ifdef ROWCAS
			applyf()                            /* compare-and-swap on the row failed: read again, decide again */
#else
			if :: F_S(f) >= n2 -> count1(F_E(f), F_S(f)) :: else fi; f = 0
#endif
		fi; n2 = 0 }
#else
	:: atomic { len(q1) > 0 -> q1?f; applyf() }
#endif
	od
}
#endif

/* a clean round trip: in the calm, a frame and its ack get through (stands for fairness) */
active proctype Clean() {
end:
	do
	:: atomic { calm &&
#ifdef NOCLEAN
		false &&
#endif
		CANSEND && len(q0) < Q && len(q1) < Q -> oldest();
		if
		:: e < E -> s = acked[e];
			if :: s+1 < cnt[e] -> n = 2 :: n = 1 fi;
			f = FID(e,s,n);
			if :: ahead > 0 -> ahead-- :: ahead == 0 -> q0!f :: parts -> q1!f fi; printf("> clean: [%d, %d..%d] sent, appended, acked\n", e, s, s+n-1);
			setlog(f);
			acked[e] = s+n
		:: else
		fi; e = 0; s = 0; n = 0; f = 0 }
	od
}

inline raise() {
#ifdef LEDGER
	ledger++; upold = upold | up; up = 0; ackold = ackold | ack; ack = 0
#else
	cmd = true; doing = false
#endif
}

active proctype Fate() {
end:
	do
	:: d_step { !calm -> calm = true; printf("> calm\n") }
#ifdef REPART
	:: d_step { !calm && !parts -> parts = true; printf("> partitions added\n") }
#endif
#if NLOSS > 0
	:: atomic { !calm && losses < NLOSS ->
		do :: len(q0) > 0 -> q0?f :: else -> break od;
		do :: len(q1) > 0 -> q1?f :: else -> break od; f = 0;
		losses++; printf("> guild loses log and books\n"); inlog = 0; missing = 0; counted = 0; rcounted = 0; gap = false; raise();
		e = 0; do :: e < E -> nxt[e] = 0; e++ :: else -> break od; e = 0 }
#endif
#ifdef KLOSS
	:: atomic { !calm && !klost -> klost = true; printf("> Kafka loses its disk, the books stay\n");
		do :: len(q0) > 0 -> q0?f :: else -> break od; f = 0;
		inlog = inlog & counted;                                /* from here: in Kafka or in the books */
#ifndef LOGID
		if :: counted -> ahead = 1 :: skip fi;
#endif
#ifdef KRESEND
		raise()
#endif
	   }
#endif
	od
}

/* in the calm, with nothing left to do, the books are right */
bool settled;
active proctype Books() {
end:
	do
	:: atomic { calm && !ASKED && len(q0) == 0 && len(q1) == 0 -> anyunacked(x);
		if
		:: !x -> settled = true;
			e = 0;
			do
			:: e < E -> s = base[e];
				do
				:: s < cnt[e] -> assert(counted & B(e,s)); s++     /* P1: held by the cart, not in the books */
				:: else -> break
				od; e++
			:: else -> break
			od; e = 0; s = 0;
			assert((inlog & ~counted) == 0);                           /* P1: in Kafka, not in the books */
#if RULE == 1
			e = 0;
			do
			:: e < E -> s = base[e];
				do :: s < cnt[e] -> assert(!(missing & B(e,s))); s++ :: else -> break od; e++   /* P2 */
			:: else -> break
			od; e = 0; s = 0;
#if !defined(LIE) && (!defined(RETAIN) || defined(STRICTGAP))
			assert(missing == 0)                                      /* P2: no gap is left open */
#else
			skip
#endif
#endif
		:: else
		fi; x = false }
	od
}

#ifdef LTL      /* for E=2 */
#define RIGHT (!ASKED && acked[0] == cnt[0] && acked[1] == cnt[1] && (inlog & ~counted) == 0)
ltl live { [] (calm -> <> RIGHT) }
#endif
