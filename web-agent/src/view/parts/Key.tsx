/** The key that does what the button beside it does. */
export function Key(props: { of: string }) {
  return <kbd aria-hidden="true">{props.of}</kbd>;
}
