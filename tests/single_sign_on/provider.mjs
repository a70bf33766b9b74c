// A real OpenID provider on loopback: npm's oidc-provider with its own sign-in pages for developers.
//
//   node provider.mjs FOLDER_OF_ITS_MODULES PORT BACK_ADDRESS SECRET
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";

const [folder, port, back, secret] = process.argv.slice(2);
const found = createRequire(`${folder}/`).resolve("oidc-provider");
const { default: Provider } = await import(pathToFileURL(found));
const provider = new Provider(`http://localhost:${port}`, {
  clients: [{
    client_id: "ivig",
    client_secret: secret,
    redirect_uris: [back],
    grant_types: ["authorization_code"],
    response_types: ["code"],
  }],
  findAccount: (_context, id) => ({ accountId: id, claims: () => ({ sub: id }) }),
  pkce: { required: () => true },
});
provider.listen(Number(port), "localhost", () => console.log("listening"));
