// Rules of each sort of value: what is taken, as what, and what is refused.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { faultOfName } from '../../generator/config/application-name.js';
import { parseBytes, parseCommandLine, parseEnvironment } from '../../generator/config/command-line.js';
import { parseListenAddress } from '../../generator/config/listen-address.js';
import type { Parser } from '../../generator/config/parsed.js';
import {
  parseAbsolutePath,
  parseEnvironmentFile,
  parseWorkingDirectory,
  parseTrigger,
} from '../../generator/config/paths.js';
import {
  parseBoolean,
  parseNumber,
  parseOctalMode,
  parseSizeBytes,
  parseTimeSpanMs,
} from '../../generator/config/quantities.js';
import { nearestWord } from '../../generator/config/suggest.js';
import {
  parseHook,
  parseHost,
  parseRequest,
  parseUrlPath,
  parseUserOrGroup,
} from '../../generator/config/words.js';

function takes<T>(parse: Parser<T>, cases: readonly (readonly [string, T])[]): void {
  for (const [text, value] of cases) assert.deepEqual(parse(text), { kind: 'value', value }, text);
}

function refuses(parse: Parser<unknown>, texts: readonly string[]): void {
  for (const text of texts) assert.equal(parse(text).kind, 'fault', text);
}

test('value: a listen address is what systemd.socket(5) calls one', () => {
  takes(parseListenAddress, [
    ['80', { kind: 'tcp6', text: '80', host: '::', port: 80 }],
    ['0.0.0.0:80', { kind: 'tcp4', text: '0.0.0.0:80', host: '0.0.0.0', port: 80 }],
    ['[::1]:8080', { kind: 'tcp6', text: '[::1]:8080', host: '::1', port: 8080 }],
    ['[2001:db8::7]:65535', { kind: 'tcp6', text: '[2001:db8::7]:65535', host: '2001:db8::7', port: 65535 }],
    ['/run/web//web.sock', { kind: 'unix', text: '/run/web//web.sock', path: '/run/web/web.sock' }],
    ['@web', { kind: 'abstract', text: '@web', name: 'web' }],
  ]);
});

test('value: a listen address that nothing could be restored on is refused', () => {
  refuses(parseListenAddress, [
    '0',
    '65536',
    '1.2.3:80',
    '1.2.3.256:80',
    '[::g]:80',
    '[::1]',
    '[1.2.3.4]:80',
  ]);
  refuses(parseListenAddress, ['localhost:80', 'vsock:2:80', 'vsock-stream:2:80', 'web', '@', './web.sock']);
  refuses(parseListenAddress, ['/run/%N.sock', '@%n', `/${'x'.repeat(107)}`, '/run/../web.sock', '80 81']);
});

test('value: a time span is in milliseconds, a bare number in seconds', () => {
  takes(parseTimeSpanMs, [
    ['5', 5000],
    ['5s', 5000],
    ['1min 30s', 90_000],
    ['1min30s', 90_000],
    ['500ms', 500],
    ['1.5s', 1500],
    ['2 h', 7_200_000],
  ]);
  refuses(parseTimeSpanMs, ['', 'soon', '5 parsecs', '0', '25h', '-1', 'infinity', '5s later']);
});

test('value: a size counts in powers of 1024', () => {
  takes(parseSizeBytes, [
    ['4096', 4096],
    ['64M', 67_108_864],
    ['1G', 1_073_741_824],
  ]);
  refuses(parseSizeBytes, ['', '64m', '64MB', '1.5G', '-1', '64 M']);
});

test('value: numbers have bounds, booleans the words of systemd, modes three octal digits', () => {
  takes(parseNumber(1, 9), [['9', 9]]);
  refuses(parseNumber(1, 9), ['0', '10', '1.5', 'nine', '']);
  takes(parseBoolean, [
    ['yes', true],
    ['On', true],
    ['1', true],
    ['no', false],
    ['F', false],
  ]);
  refuses(parseBoolean, ['perhaps', '']);
  takes(parseOctalMode, [
    ['0660', '0660'],
    ['600', '600'],
  ]);
  refuses(parseOctalMode, ['0999', '66', 'u=rw', '1777']);
});

test('value: users and groups are names or numbers', () => {
  takes(parseUserOrGroup, [
    ['www-data', 'www-data'],
    ['1000', '1000'],
    ['web@example.org', 'web@example.org'],
  ]);
  refuses(parseUserOrGroup, ['', '-web', 'a b', '65535', '4294967295', '007', 'web:web', '../x']);
});

test('value: paths are absolute and hold no specifier', () => {
  takes(parseAbsolutePath, [
    ['/srv//web/', '/srv/web'],
    ['/', '/'],
    ['/srv/my shop', '/srv/my shop'],
  ]);
  refuses(parseAbsolutePath, ['srv', '/srv/../etc', '/srv/.', '/srv/%i', '~']);
  takes(parseTrigger, [
    ['tmp//restart.txt', 'tmp/restart.txt'],
    ['/srv/deployed', '/srv/deployed'],
  ]);
  refuses(parseTrigger, ['', '../restart.txt', 'tmp/../x', './x', '%i']);
  takes(parseWorkingDirectory, [['~', '~']]);
  refuses(parseWorkingDirectory, ['~web', '-/srv', '.']);
  takes(parseEnvironmentFile, [
    ['-/etc/default/web', '-/etc/default/web'],
    ['%E/web', '%E/web'],
  ]);
  refuses(parseEnvironmentFile, ['etc/default', '--/etc']);
});

test('value: bytes are one word of ASCII, with escapes for all others', () => {
  takes(parseBytes, [
    ['PING\\r\\n', Buffer.from('PING\r\n')],
    ['"SELECT 1" ', Buffer.from('SELECT 1')],
    ['""', Buffer.alloc(0)],
    ['\\x00\\xff\\\\u', Buffer.from([0, 255, 92, 117])],
  ]);
  refuses(parseBytes, ['', 'SELECT 1', 'ä', '\\u00e4', '"open', 'a\\']);
});

test('value: a hook is GET or POST of a path, or the name of a signal that a program may catch', () => {
  takes(parseHook, [
    ['GET /a?b', { kind: 'request', method: 'GET', path: '/a?b' }],
    ['POST  /a', { kind: 'request', method: 'POST', path: '/a' }],
    ['SIGUSR1', { kind: 'signal', signal: 'SIGUSR1' }],
  ]);
  refuses(parseHook, [
    '',
    'PUT /a',
    'get /a',
    'GET a',
    'POST',
    'SIGKILL',
    'SIGSTOP',
    'USR1',
    '10',
    'toString',
  ]);
});

test('value: a hook is a command by its path, split as systemd would, and nothing in it is expanded', () => {
  takes(parseHook, [
    ['/bin/sh -c "echo \'a  b\'"', { kind: 'command', words: ['/bin/sh', '-c', "echo 'a  b'"] }],
    ["/bin/a '' \\x41 $$HOME 5%%", { kind: 'command', words: ['/bin/a', '', 'A', '$HOME', '5%'] }],
  ]);
  refuses(parseHook, [
    '/bin/a $HOME',
    '/bin/a ${HOME}',
    '/bin/a %i',
    '/bin/a ; /bin/b',
    '/bin/a "b',
    '/bin/a \\x00',
    `/bin/a ${'b'.repeat(1000)}`,
    '-/bin/a',
    'bin/a',
  ]);
});

test('value: requests are GET of a path', () => {
  takes(parseRequest, [['GET  /a?b=c%20d', { method: 'GET', path: '/a?b=c%20d' }]]);
  refuses(parseRequest, [
    '/a',
    'POST /a',
    'get /a',
    'GET a',
    'GET /a b',
    'GET /ä',
    'GET http://x/',
    'GET /#top',
  ]);
  refuses(parseUrlPath, ['', 'up', '/u p']);
  takes(parseHost, [
    ['shop.example', 'shop.example'],
    ['[::1]:80', '[::1]:80'],
  ]);
  refuses(parseHost, ['', 'a b', 'a/b', 'a:b']);
});

test('value: a command is one command without the prefixes of systemd', () => {
  for (const text of [
    '/usr/bin/node server.js',
    'node "a ; b" \\; ";"',
    '$RUBY app.rb',
    '/bin/sh -c "exec x"',
  ]) {
    takes(parseCommandLine, [[text, text]]);
  }
  refuses(parseCommandLine, ['@/bin/a b', '-/bin/a', ':/bin/a', '+/bin/a', '!/bin/a', '!!/bin/a', '|/bin/a']);
  refuses(parseCommandLine, [
    '/bin/a ; /bin/b',
    '; /bin/a',
    '/bin/a ;',
    '/bin/a "open',
    "/bin/a 'open",
    '"" a',
  ]);
});

test('value: Environment= holds assignments', () => {
  takes(parseEnvironment, [['A=1 "B=2 3" C=%H', 'A=1 "B=2 3" C=%H']]);
  refuses(parseEnvironment, ['A', '1A=b', 'A=1 B', '"A=1', '=x']);
});

test('name: an application is called what no unit name needs to escape', () => {
  for (const name of ['web', 'a', '0', 'my-shop_2', 'bake', 'x'.repeat(64)])
    assert.equal(faultOfName(name), undefined);
  for (const name of ['', 'Web', '-web', '_web', 'a.b', 'a@b', 'web-bake', 'x'.repeat(65), 'wéb', 'a b']) {
    assert.notEqual(faultOfName(name), undefined, name);
  }
});

test('suggest: the nearest word is one or two edits away', () => {
  const words = ['Environment', 'EnvironmentFile', 'User', 'Keep'];
  assert.equal(nearestWord('Enviroment', words), 'Environment');
  assert.equal(nearestWord('user', words), 'User');
  assert.equal(nearestWord('Keeps', words), 'Keep');
  assert.equal(nearestWord('Colour', words), undefined);
});
