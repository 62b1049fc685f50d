/**
 * The colours of plots, each of which occurs once: the page's style sheet finds them in the drawing by it, and puts those of a dark
 * screen in their place. Blue against orange, and marks of different shape, are told apart by colour-blind eyes (Okabe and Ito).
 */
export const PAINT = {
  ink: { light: '#3b3b3f', dark: '#d0d0d4' },
  grid: { light: '#e2e2e6', dark: '#3a3a40' },
  axis: { light: '#85858c', dark: '#8c8c94' },
  area: { light: '#cfe3f5', dark: '#1d3f5e' },
  use: { light: '#0067a8', dark: '#62b5f0' },
  capacity: { light: '#9a5a00', dark: '#f0a840' },
  denial: { light: '#c0301c', dark: '#ff8a70' },
  unknown: { light: '#f1f1f2', dark: '#26262a' },
  partial: { light: '#b6b6bd', dark: '#63636b' },
  heat0: { light: '#fcfcfd', dark: '#18181b' },
  heat1: { light: '#dcecf9', dark: '#14304a' },
  heat2: { light: '#a9d0ee', dark: '#1a4d78' },
  heat3: { light: '#62a8dc', dark: '#2273ae' },
  heat4: { light: '#1f74b8', dark: '#54a9e2' },
  heat5: { light: '#0a4a80', dark: '#a9d8f8' },
  onPale: { light: '#202024', dark: '#ececf0' },
  onDeep: { light: '#ffffff', dark: '#0b1620' },
} as const satisfies Readonly<Record<string, { readonly light: string; readonly dark: string }>>;

/** What something in a plot is painted as. */
export type Paint = keyof typeof PAINT;

/** The colour by which the drawing says what is painted. */
export function paint(name: Paint): string {
  return PAINT[name].light;
}
