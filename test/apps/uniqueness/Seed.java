import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;

/** The recipe of grenadine-recipes(7): Seed=file, and a look at it before each answer. */
final class Seed {
    private static final String PATH = System.getenv("GRENADINE_SEED");
    private static Object seen = "";

    private Seed() {}

    /** A generator that draws on from a number of the kernel's whenever the process was restored. */
    static synchronized void renew(Random random) throws IOException {
        if (PATH == null) return;
        Object now = Files.getLastModifiedTime(Path.of(PATH));
        if (!now.equals(seen)) random.setSeed(new java.security.SecureRandom().nextLong());
        seen = now;
    }
}
