/// <reference lib="dom" />
import type { RefObject } from "preact";
import { useHeir } from "../keep_focus.ts";

/** For a button of the conversation: the focus stays in the conversation when the button goes. */
export function useLogAsHeir(): RefObject<HTMLButtonElement | null> {
  return useHeir((own) => own.closest(".log-frame")?.querySelector<HTMLElement>(".log"));
}
