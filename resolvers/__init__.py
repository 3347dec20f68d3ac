"""What may be done and seen: one plain async function per question or command."""
