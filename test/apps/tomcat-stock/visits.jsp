<%@ page contentType="application/json" import="java.nio.file.*" trimDirectiveWhitespaces="true" %>
<%-- Counts visits in a log file. It knows nothing of snapshots, nor of systemd. --%>
<%! private static final Path LOG = Path.of(System.getProperty("catalina.base"), "logs", "visits.log"); %>
<% synchronized (LOG) {
       Files.writeString(LOG, request.getRequestURI() + "\n", StandardOpenOption.CREATE, StandardOpenOption.APPEND);
       out.print("{\"visits\": " + Files.readAllLines(LOG).size() + "}");
   } %>
