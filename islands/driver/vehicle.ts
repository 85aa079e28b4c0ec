import { payloadOf } from "../chat/claims.ts";

/**
 * Whose position this token lets one report: a driver's says it itself, staff's any that is asked
 * for; null: of none. The server alone verifies it.
 */
export function vehicleOf(token: string, asked: string | null): string | null {
  const { sub, role } = payloadOf(token);
  if (role === "driver") return typeof sub === "string" && sub !== "" ? sub : null;
  return role === "staff" || role === "admin" ? asked : null;
}
