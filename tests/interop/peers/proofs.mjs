// Fedify's own reading of a proof (FEP-8b32): an activity on standard input, {"verified": true or false} on standard output.
import { readFileSync } from "node:fs";
import { getDocumentLoader } from "@fedify/fedify";
import { verifyObject } from "@fedify/fedify/sig";
import { Activity } from "@fedify/fedify/vocab";

const loader = getDocumentLoader({ allowPrivateAddress: true });
const activity = JSON.parse(readFileSync(0, "utf8"));
const found = await verifyObject(Activity, activity, { documentLoader: loader, contextLoader: loader });
console.log(JSON.stringify({ verified: found !== null }));
