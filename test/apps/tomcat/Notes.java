package notebook;

import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * Thirty notes, each with the digest of its text; who asks; and how many answers there were since the boot. It knows
 * nothing of snapshots.
 */
public final class Notes extends HttpServlet {
    private static final long serialVersionUID = 1;
    private static final int COUNT = 30;

    private final AtomicInteger answers = new AtomicInteger();

    @Override
    protected void doGet(HttpServletRequest request, HttpServletResponse response) throws IOException {
        String notes = IntStream.rangeClosed(1, COUNT).mapToObj(Notes::note).collect(Collectors.joining(","));
        response.setContentType("application/json");
        response.getWriter().printf(
                "{\"answers\": %d, \"peer\": \"%s:%d\", \"notes\": [%s]}%n",
                answers.incrementAndGet(), request.getRemoteAddr(), request.getRemotePort(), notes);
    }

    private static String note(int number) {
        String text = "Note " + number;
        return "{\"text\": \"" + text + "\", \"sha256\": \"" + digest(text) + "\"}";
    }

    private static String digest(String text) {
        try {
            byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
        } catch (NoSuchAlgorithmException missing) {
            throw new IllegalStateException(missing);
        }
    }
}
