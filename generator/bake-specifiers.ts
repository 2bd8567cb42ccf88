// What an operator's text says of the unit's name must mean the same in NAME-bake.service as in NAME.service: these
// specifiers of systemd.unit(5) are filled in beforehand. All others are left to systemd. Pure.

export function fillUnitSpecifiers(text: string, name: string): string {
  // In unit names '-' stands for '/' where a specifier gives the unescaped form.
  const unescaped = name.replaceAll('-', '/');
  const values: ReadonlyMap<string, string> = new Map([
    ['n', `${name}.service`],
    ['N', name],
    ['p', name],
    ['P', unescaped],
    ['i', ''],
    ['I', ''],
    ['j', name.slice(name.lastIndexOf('-') + 1)],
    ['J', name.slice(name.lastIndexOf('-') + 1)],
    ['f', `/${unescaped}`],
  ]);
  // '%%' is matched as a pair, so that what follows it is not taken for a specifier.
  return text.replace(/%(.)/gs, (whole, letter: string) => values.get(letter) ?? whole);
}
