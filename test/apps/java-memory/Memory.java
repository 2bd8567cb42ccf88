import java.util.Random;

/** Blocks of all kinds that come and go, and what becomes of them and of the memory that they leave. */
final class Memory {
    static final int BOOT_ROUNDS = 60;
    private static final int ROUNDS = 300;
    private static final int BLOCKS = 96;

    private final Block[] blocks = new Block[BLOCKS];
    private final Block held = Block.ofNumbers(1 << 20, 7);
    private final Random random = new Random(1);

    /** Every now and then the collector takes what is free, and gives back what it can do without. */
    void play(int rounds) {
        for (int round = 0; round < rounds; round++) {
            for (int step = 0; step < 16; step++) {
                int at = random.nextInt(BLOCKS);
                Block old = blocks[at];
                if (old != null) old.check();
                blocks[at] = old == null ? draw() : null;
            }
            descend(200, round);
            if (round % 8 == 0) {
                System.gc();
                check();
            }
        }
        check();
    }

    private Block draw() {
        int size = 16 + random.nextInt(1 << (6 + random.nextInt(12)));
        int fill = 1 + random.nextInt(255);
        return switch (random.nextInt(8)) {
            case 0 -> Block.ofClass(fill);
            case 1 -> Block.outsideOfTheHeap(size, fill);
            case 2, 3, 4 -> Block.ofObjects(size / 4, fill);
            default -> Block.ofNumbers(size, fill);
        };
    }

    private void check() {
        held.check();
        for (Block block : blocks)
            if (block != null) block.check();
    }

    /** On a stack of its own. */
    private static void descend(int depth, int fill) {
        long[] sum = new long[1];
        Thread thread = new Thread(() -> sum[0] = sumOf(depth, fill));
        thread.start();
        try {
            thread.join();
        } catch (InterruptedException wrong) {
            throw new IllegalStateException("interrupted", wrong);
        }
        long right = (long) depth * fill + depth * (depth + 1L) / 2;
        if (sum[0] != right) throw new IllegalStateException("a stack holds " + sum[0] + ", not " + right);
    }

    private static long sumOf(int depth, int fill) {
        return depth == 0 ? 0 : sumOf(depth - 1, fill) + depth + fill;
    }

    String look() {
        check();
        return "whole";
    }

    String playRounds() {
        play(ROUNDS);
        return "whole";
    }

    /** Everything is let go of, given back to the kernel, and asked for again. */
    String askForZeros() {
        check();
        java.util.Arrays.fill(blocks, null);
        System.gc();
        long nonzero = 0;
        for (int length : new int[] {7500, 1 << 17}) {
            long[][] fresh = new long[64][];
            for (int at = 0; at < fresh.length; at++) {
                fresh[at] = new long[length];
                nonzero += Block.countNonzero(Block.disguise(fresh[at]));
                java.util.Arrays.fill(fresh[at], 9);
            }
        }
        return "nonzero=" + nonzero;
    }
}
