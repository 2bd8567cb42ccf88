// The texts that the packager renders: control fields, checksums, copyright.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  installedKib,
  renderConffiles,
  renderControl,
  renderMd5sums,
} from '../../units/package/control-file.js';
import { leadingNotice, renderCopyright } from '../../units/package/copyright.js';
import { directoriesOf } from '../../units/package/layout.js';

const files = [
  { path: '/etc/grenadine/grenadine.conf', md5: 'aa', bytes: 10 },
  { path: '/usr/bin/grenadine', md5: 'bb', bytes: 1025 },
];

test('what is below /etc/ is a conffile and has no checksum, the rest has one', () => {
  assert.equal(renderConffiles(files), '/etc/grenadine/grenadine.conf\n');
  assert.equal(renderMd5sums(files), 'bb  usr/bin/grenadine\n');
});

test('the installed size counts whole KiB, and one for each directory', () => {
  assert.equal(installedKib(files, 4), 1 + 2 + 4);
});

test('the package depends on Node, a bus and systemd, and recommends the CRIU that works', () => {
  const control = renderControl({
    version: '1.2.3',
    architecture: 'amd64',
    libraries: 'libc6 (>= 2.34)',
    installedKib: 7,
  });
  assert.match(control, /^Version: 1\.2\.3$/m);
  assert.match(control, /^Depends: libc6 \(>= 2\.34\), nodejs \(>= 20\.19\), .*systemd \(>= 254\)$/m);
  assert.match(control, /^Recommends: criu \(>= 4\.2\)$/m);
  assert(control.endsWith('\n'));
});

test('every directory of an entry is made, parents first', () => {
  const content = { kind: 'text', text: '' } as const;
  const found = directoriesOf([
    { kind: 'directory', to: '/etc/x', mode: 0o755 },
    { kind: 'file', to: '/usr/bin/y', mode: 0o755, content, isCompressed: false },
  ]);
  assert.deepEqual(found, ['/etc', '/etc/x', '/usr', '/usr/bin']);
});

test('a leading comment that claims a copyright is a notice, any other is not', () => {
  assert.equal(
    leadingNotice('// Copyright 2008 X.\n// All rights.\ncode();\n'),
    'Copyright 2008 X.\nAll rights.',
  );
  assert.equal(leadingNotice('/*\n * Copyright (c) Y\n */\ncode();\n'), 'Copyright (c) Y');
  assert.equal(leadingNotice('// Adds numbers.\ncode();\n'), undefined);
});

test('the copyright file names each bundled package, and refers to the Apache licence instead of quoting it', () => {
  const apache = 'Apache License\n   Version 2.0, January 2004\n';
  const text = renderCopyright('MIT License\n\nCopyright (c) 2026 Us\n', [
    { name: 'one', version: '1.0.0', license: 'MIT', licenseText: 'Copyright (c) 2020 One\n', notices: [] },
    { name: 'two', version: '2.0.0', license: 'Apache-2.0', licenseText: apache, notices: [] },
  ]);
  assert.match(text, /^Files: node_modules\/one\/\*\nCopyright: 2020 One\nLicense: MIT \(one 1\.0\.0\)$/m);
  assert.match(text, /^Files: node_modules\/two\/\*$[\s\S]*common-licenses\/Apache-2\.0/m);
  assert(!text.includes('January 2004'));
});
