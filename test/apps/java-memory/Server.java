import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;

/**
 * Fills memory when it boots, and afterwards looks whether it is still what it should be, while the collector does with
 * it what it does. Each path of an HTTP request is one such thing; the answer is a line, and its status 500 where
 * something was wrong. Knows nothing of snapshots.
 */
final class Server {
    private Server() {}

    public static void main(String[] words) throws IOException {
        if (!(System.inheritedChannel() instanceof ServerSocketChannel listener))
            throw new IOException("standard input is no listening socket");
        Memory memory = new Memory();
        memory.play(Memory.BOOT_ROUNDS);
        for (;;) {
            try (SocketChannel connection = listener.accept()) {
                answer(connection, memory);
            }
        }
    }

    private static void answer(SocketChannel connection, Memory memory) throws IOException {
        ByteBuffer request = ByteBuffer.allocate(4096);
        connection.read(request);
        String[] line = new String(request.array(), 0, request.position(), StandardCharsets.US_ASCII).split(" ", 3);
        String status = "200 OK";
        String text;
        try {
            text = switch (line.length < 2 ? "" : line[1]) {
                case "/whole" -> memory.look();
                case "/rounds" -> memory.playRounds();
                case "/zeros" -> memory.askForZeros();
                default -> throw new IllegalStateException("there is no such path");
            };
        } catch (IllegalStateException wrong) {
            status = "500 Wrong";
            text = wrong.getMessage();
        }
        String answer = "HTTP/1.1 " + status + "\r\nContent-Type: text/plain\r\nContent-Length: " + (text.length() + 1)
            + "\r\nConnection: close\r\n\r\n" + text + "\n";
        connection.write(ByteBuffer.wrap(answer.getBytes(StandardCharsets.US_ASCII)));
    }
}
