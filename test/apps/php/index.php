<?php
// Counts visits in a log file. It knows nothing of snapshots, nor of systemd.
file_put_contents('/srv/php/visits.log', date('c') . "\n", FILE_APPEND | LOCK_EX);

// A page of a real application takes and frees megabytes, and has some of them grow.
$page = '';
foreach (range(1, 60000) as $row) {
    $page .= sprintf('<p>The row of the number %06d</p>', $row);
}
$isWhole = md5($page) === md5(implode('', array_map(fn ($row) => sprintf('<p>The row of the number %06d</p>', $row), range(1, 60000))));

http_response_code($isWhole ? 200 : 500);
header('Content-Type: application/json');
echo json_encode(['visits' => count(file('/srv/php/visits.log'))]);
