<?php
// Tells what each of PHP's generators gives at this moment. It knows nothing of snapshots.
header('Content-Type: application/json');
header('Connection: close');
echo json_encode([
    'random_bytes' => bin2hex(random_bytes(16)),
    'openssl_random_pseudo_bytes' => bin2hex(openssl_random_pseudo_bytes(16)),
    'mt_rand' => mt_rand() . '-' . mt_rand(),
    'lcg_value' => (string) lcg_value(),
]);
