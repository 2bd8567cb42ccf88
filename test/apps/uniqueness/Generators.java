import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.ThreadLocalRandom;

/** Tells what each of Java's generators gives at this moment. It is told of restores as grenadine-recipes(7) shows. */
final class Generators {
    private static final Random SEEDED = new Random();
    private static final SecureRandom SECURE = new SecureRandom();

    private Generators() {}

    public static void main(String[] words) throws IOException {
        if (!(System.inheritedChannel() instanceof ServerSocketChannel listener))
            throw new IOException("standard input is no listening socket");
        for (;;) {
            try (SocketChannel connection = listener.accept()) {
                connection.read(ByteBuffer.allocate(4096));
                Seed.renew(SEEDED);
                String body = draw();
                String answer = "HTTP/1.1 200 OK\r\nContent-Length: " + body.length() + "\r\nConnection: close\r\n\r\n" + body;
                connection.write(ByteBuffer.wrap(answer.getBytes(StandardCharsets.US_ASCII)));
            }
        }
    }

    private static String draw() {
        return "{\"SecureRandom\": \"" + SECURE.nextLong()
            + "\", \"UUID.randomUUID\": \"" + UUID.randomUUID()
            + "\", \"Random\": \"" + SEEDED.nextLong()
            + "\", \"Math.random\": \"" + Math.random()
            + "\", \"ThreadLocalRandom\": \"" + ThreadLocalRandom.current().nextLong() + "\"}";
    }
}
