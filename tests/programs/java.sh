# javac, then threads, locks and garbage for a while with each collector, JIT on.
# guests: riscv64 aarch64
# parts: serial:60 G1:20 parallel:20 Z:20 shenandoah:20
# level: long
# timeout: 300
set -eu
cat > T.java <<'X'
import java.util.*;
import java.util.concurrent.*;
import java.util.concurrent.atomic.*;

public class T {
	static final class Node {
		Node left, right;
		int value;
		Node(int depth) {
			value = depth;
			if (depth > 0) { left = new Node(depth - 1); right = new Node(depth - 1); }
		}
		int sum() { return value + (left == null ? 0 : left.sum() + right.sum()); }
	}

	static void check(boolean good, String what) { if (!good) throw new IllegalStateException(what); }

	public static void main(String[] args) throws Exception {
		long end = System.nanoTime() + Long.parseLong(args[0]) * 1000000000L;
		ExecutorService pool = Executors.newFixedThreadPool(4);
		AtomicLong trees = new AtomicLong();
		ConcurrentHashMap<Integer, byte[]> map = new ConcurrentHashMap<>();
		List<Future<Long>> results = new ArrayList<>();
		Object lock = new Object();
		long[] guarded = new long[1];
		for (int t = 0; t < 4; t++) {
			final int id = t;
			results.add(pool.submit(() -> {
				long n = 0, caught = 0;
				Random random = new Random(id);
				while (System.nanoTime() < end) {
					check(new Node(10).sum() == 2036, "sum");
					n++;
					trees.incrementAndGet();
					synchronized (lock) { guarded[0]++; }
					map.put(random.nextInt(500), new byte[random.nextInt(20000)]);
					check(map.size() <= 500, "size");
					try { String s = n % 100 == 0 ? null : "x"; s.length(); }
					catch (NullPointerException e) { caught++; }
				}
				check(caught == n / 100, "exceptions");
				return n;
			}));
		}
		long total = 0, collections = 0;
		for (Future<Long> f : results) total += f.get();
		pool.shutdown();
		check(total == trees.get() && total == guarded[0], "count");
		for (var b : java.lang.management.ManagementFactory.getGarbageCollectorMXBeans())
			collections += b.getCollectionCount();
		check(collections > 0, "nothing was collected");
		System.out.println(total + " trees, " + collections + " collections");
	}
}
X
gc=${1%:*}; gc=${gc^}
javac T.java; java -Xmx256m "-XX:+Use${gc}GC" T "${1#*:}"
