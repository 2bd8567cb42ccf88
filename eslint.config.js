// Lint: typescript-eslint's strictest set, the shape of the code (who may import whom), and nothing of taste.
import js from '@eslint/js';
import tseslint from 'typescript-eslint';

/** Each foreign package is imported in one file; everybody else imports that file. */
const foreign = {
  'dbus-next': 'activator/bus/connection.ts',
  ini: 'generator/config/ini-file.ts',
  chokidar: 'activator/release/hints.ts',
  systeminformation: 'activator/host/fingerprint.ts',
  '@bufbuild/protobuf/wire': 'activator/images/wire.ts',
  '@observablehq/plot': 'test/bench/plot.ts',
  linkedom: 'test/bench/plot.ts',
};

/** Rooms and what each may not import. ARCHITECTURE.md says why. */
const rooms = [
  { files: ['generator/**/*.ts'], forbidden: ['**/activator/**', '**/test/**', '**/units/**'] },
  { files: ['generator/config/**/*.ts'], forbidden: ['../*.js', '**/activator/**', '**/test/**'] },
  { files: ['activator/**/*.ts'], forbidden: ['**/test/**', '**/units/**', '**/generator/*.js'] },
  {
    files: ['activator/cli/**/*.ts'],
    forbidden: [
      '**/test/**',
      '**/units/**',
      '**/generator/*.js',
      '../store/**',
      '../bake/**',
      '../images/**',
    ],
  },
];

const restricted = (file, forbidden) => ({
  'no-restricted-imports': [
    'error',
    {
      paths: Object.entries(foreign)
        .filter(([, home]) => home !== file)
        .map(([name, home]) => ({ name, message: `Import it in ${home} alone.` })),
      patterns: forbidden.map((group) => ({ group: [group], message: 'This room may not use that one.' })),
    },
  ],
});

export default tseslint.config(
  // In test/apps/ they are other people's programs, in JavaScript because those are; what Node loads of ours is, too.
  { ignores: ['build/', 'node_modules/', 'test/apps/**/*.js', 'units/runtimes/*.cjs'] },
  js.configs.recommended,
  ...tseslint.configs.strictTypeChecked,
  {
    languageOptions: { parserOptions: { projectService: { allowDefaultProject: ['*.js'] } } },
    rules: {
      '@typescript-eslint/switch-exhaustiveness-check': [
        'error',
        { allowDefaultCaseForExhaustiveSwitch: false },
      ],
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      // node:test's test() and describe() return promises that the runner awaits.
      '@typescript-eslint/no-floating-promises': [
        'error',
        {
          allowForKnownSafeCalls: [
            { from: 'package', package: 'node:test', name: ['test', 'describe', 'it', 'suite'] },
          ],
        },
      ],
      'no-restricted-exports': ['error', { restrictDefaultExports: { direct: true } }],
      eqeqeq: 'error',
    },
  },
  { files: ['**/*.ts'], rules: restricted('', []) },
  ...rooms.map(({ files, forbidden }) => ({ files, rules: restricted('', forbidden) })),
  ...Object.values(foreign).map((home) => {
    const room = rooms.findLast(({ files }) => home.startsWith(files[0].replace('**/*.ts', '')));
    return { files: [home], rules: restricted(home, room?.forbidden ?? []) };
  }),
  {
    files: ['*.js'],
    extends: [tseslint.configs.disableTypeChecked],
    rules: { 'no-restricted-exports': 'off' },
  },
);
