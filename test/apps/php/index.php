<?php
// Counts visits in a log file. It knows nothing of snapshots, nor of systemd.
file_put_contents('/srv/php/visits.log', date('c') . "\n", FILE_APPEND | LOCK_EX);

// A page of a real application takes and frees megabytes, and some of them grow.
$row = fn (int $number): string => sprintf('<p>The row of the number %06d</p>', $number);
$page = '';
foreach (range(1, 60000) as $number) {
    $page .= $row($number);
}
$isWhole = $page === implode('', array_map($row, range(1, 60000)));

http_response_code($isWhole ? 200 : 500);
header('Content-Type: application/json');
echo json_encode(['visits' => count(file('/srv/php/visits.log'))]);
