/** A row of an answer on the bus, a{sv}: values with their D-Bus types. */
export type Dict = Record<string, unknown>;
