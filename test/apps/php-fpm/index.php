<?php
// Counts visits in a log file. It knows nothing of snapshots, nor of systemd.
header('Content-Type: application/json');
file_put_contents('/srv/php-fpm/visits.log', date('c') . " {$_SERVER['REQUEST_URI']}\n", FILE_APPEND | LOCK_EX);
echo json_encode(['visits' => count(file('/srv/php-fpm/visits.log'))]);
