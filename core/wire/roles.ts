/** What a principal may do. Issuers sign candidates, voters ack them, editors draft; the other roles belong to software updates. */
export const ROLES = ['issuer', 'voter', 'editor', 'publisher', 'accountant', 'approver'] as const;
export type Role = (typeof ROLES)[number];
