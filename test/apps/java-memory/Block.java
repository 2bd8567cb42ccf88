import java.io.IOException;
import java.io.InputStream;
import java.lang.invoke.MethodHandles;
import java.nio.ByteBuffer;
import java.util.function.IntSupplier;

/** Something in memory of which is known what it must be; it throws IllegalStateException where it is not. */
interface Block {
    void check();

    /** Numbers in the heap. */
    static Block ofNumbers(int length, int fill) {
        long[] numbers = disguise(new long[length]);
        if (countNonzero(numbers) > 0) throw wrong(countNonzero(numbers) + " fresh numbers are not zero");
        for (int at = 0; at < length; at++) numbers[at] = numberOf(fill, at);
        return () -> {
            for (int at = 0; at < length; at++)
                if (numbers[at] != numberOf(fill, at))
                    throw wrong("number " + at + " of " + length + " is " + numbers[at]);
        };
    }

    final class Link {
        long number;
        Link next;
    }

    /** A chain of objects, which the collector moves one by one. */
    static Block ofObjects(int length, int fill) {
        Link first = null;
        for (int at = 0; at < length; at++) {
            Link link = disguise(new Link());
            if (link.number != 0 || link.next != null) throw wrong("a fresh object is not empty");
            link.number = numberOf(fill, at);
            link.next = first;
            first = link;
        }
        Link last = first;
        return () -> {
            int at = length;
            for (Link link = last; link != null; link = link.next)
                if (link.number != numberOf(fill, --at))
                    throw wrong("object " + at + " of " + length + " has " + link.number);
            if (at != 0) throw wrong(at + " of " + length + " objects are gone");
        };
    }

    /** Memory of malloc's. */
    static Block outsideOfTheHeap(int length, int fill) {
        ByteBuffer bytes = ByteBuffer.allocateDirect(length);
        for (int at = 0; at < length; at++)
            if (bytes.get(at) != 0) throw wrong("byte " + at + " of " + length + " of a fresh buffer is not zero");
        for (int at = 0; at < length; at++) bytes.put(at, (byte) numberOf(fill, at));
        return () -> {
            for (int at = 0; at < length; at++)
                if (bytes.get(at) != (byte) numberOf(fill, at))
                    throw wrong("byte " + at + " of " + length + " is " + bytes.get(at));
        };
    }

    /** A class that goes when its block does, and its metadata with it. */
    final class Counter implements IntSupplier {
        private static int count;

        @Override
        public int getAsInt() {
            return count++;
        }
    }

    static Block ofClass(int fill) {
        try (InputStream code = Block.class.getResourceAsStream("Block$Counter.class")) {
            MethodHandles.Lookup hidden = MethodHandles.lookup().defineHiddenClass(code.readAllBytes(), false);
            IntSupplier counter = (IntSupplier) hidden.lookupClass().getDeclaredConstructor().newInstance();
            for (int count = 0; count < fill; count++)
                if (counter.getAsInt() != count) throw wrong("a fresh class does not count from zero");
            int[] next = {fill};
            return () -> {
                if (counter.getAsInt() != next[0]++) throw wrong("a class does not count on");
            };
        } catch (IOException | ReflectiveOperationException cause) {
            throw new IllegalStateException("a class cannot be made: " + cause, cause);
        }
    }

    static long countNonzero(long[] numbers) {
        long count = 0;
        for (long number : numbers)
            if (number != 0) count++;
        return count;
    }

    final class Veil {
        private static volatile Object last;

        private Veil() {}
    }

    /** The same object, of which the compiler no longer knows that it is fresh: it takes such for zeros unseen. */
    @SuppressWarnings("unchecked")
    static <T> T disguise(T fresh) {
        Veil.last = fresh;
        return (T) Veil.last;
    }

    private static long numberOf(int fill, int at) {
        return ((long) fill << 32 | at) * 0x9e3779b97f4a7c15L | 1;
    }

    private static IllegalStateException wrong(String what) {
        return new IllegalStateException(what);
    }
}
