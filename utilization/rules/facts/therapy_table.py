"""The therapies that every pack of the second edition knows: names without brands, their classes, common spellings.

General knowledge of drug classes, restated as a local parameter: a site's pharmacists look it over before they rely on
it. A pack adds to it under `therapies`. What stands here only ever makes a typed text known; it never decides alone.
"""

from typing import Any

from utilization.rules.facts.therapies import Therapy, vocabulary

_STEROIDS, _SUPPRESSANTS, _ANTI_CD20 = "corticosteroids", "immunosuppressant", "anti_cd20"
_CHOLINESTERASE, _BENZODIAZEPINE, _TPO = "cholinesterase_inhibitor", "benzodiazepine", "thrombopoietin_agonist"
_FCRN, _COMPLEMENT, _IL6, _ANTISEIZURE = "fcrn_inhibitor", "complement_inhibitor", "il6_inhibitor", "antiseizure"
_DMT, _IMMUNOGLOBULIN = "ms_disease_modifying", "immunoglobulin"


def _t(name: str, label: str = "", classes: tuple[str, ...] = (), *spellings: str, **more: Any) -> Therapy:
    return Therapy(name, label or name.replace("_", " "), classes, spellings, **more)


_CLASSES = (
    _t(_STEROIDS, "corticosteroids", (), "corticosteroid", "steroid", "steroids", "glucocorticoid", "glucocorticoids",
       "glucocorticosteroid", "glucocorticosteroids", "pred", fact="prior_corticosteroids"),
    _t(_SUPPRESSANTS, "immunosuppressants", (), "immunosuppression", "immunosuppressive", "immunosuppressives",
       "immunosuppressive drug", "immunosuppressive drugs", "immunosuppressive agent", "immunosuppressive agents",
       fact="prior_immunosuppressant", is_broad=True),
    _t(_CHOLINESTERASE, "cholinesterase inhibitors", (), "acetylcholinesterase inhibitor", "anticholinesterase",
       "acetylcholinesterase inhibitors", "anticholinesterases", "ache inhibitor", "ache inhibitors",
       fact="prior_cholinesterase_inhibitor"),
    _t(_BENZODIAZEPINE, "benzodiazepines", (), "benzo", "benzos", fact="prior_benzodiazepine"),
    _t(_ANTI_CD20, "monoclonal anti-CD20 antibodies", (), "anti-CD20", "anti-CD20 antibody", "anti-CD20 antibodies",
       "anti-CD20 monoclonal antibody", "anti-CD20 monoclonal antibodies", perhaps=(_SUPPRESSANTS, _DMT)),
    _t(_TPO, "thrombopoietin receptor agonists", (), "thrombopoietin receptor agonist", "TPO-RA", "TPO-RAs",
       "TPO agonist", "TPO agonists", "TPO receptor agonist", "TPO receptor agonists", "thrombopoietin agonists"),
    _t(_FCRN, "FcRn inhibitors", (), "neonatal Fc receptor inhibitor", "neonatal Fc receptor inhibitors",
       "neonatal Fc receptor blocker", "neonatal Fc receptor blockers", "FcRn blocker", "FcRn blockers",
       "FcRn antagonist", "FcRn antagonists"),
    _t(_COMPLEMENT, "complement inhibitors", (), "C5 inhibitor", "C5 inhibitors", "complement C5 inhibitor"),
    _t(_IL6, "interleukin-6 inhibitors", (), "interleukin-6 inhibitor", "IL-6 inhibitor", "IL-6 inhibitors"),
    _t(_ANTISEIZURE, "antiseizure medicines", (), "antiseizure medicine", "antiseizure medication", "antiepileptic",
       "antiseizure medications", "antiepileptics", "antiepileptic drug", "antiepileptic drugs", "anticonvulsant",
       "anticonvulsants", is_broad=True),
    _t(_DMT, "disease-modifying medicines for MS", (), "disease-modifying therapy", "disease-modifying therapies",
       is_broad=True),
    _t(_IMMUNOGLOBULIN, "immunoglobulin", (), "immunoglobulins", "immune globulin", "immune globulins",
       "human normal immunoglobulin", "normal human immunoglobulin", "gamma globulin", "gammaglobulin", is_broad=True),
)  # fmt: skip
_OF_CLASSES = (
    _t("ivig", "intravenous immunoglobulin", (_IMMUNOGLOBULIN,), "IVIg", "IGIV", "IV immunoglobulin",
       "IV immune globulin", "intravenous immunoglobulins", "intravenous immune globulin"),
    _t("scig", "subcutaneous immunoglobulin", (_IMMUNOGLOBULIN,), "SCIg", "IGSC", "SC immunoglobulin",
       "SC immune globulin", "subcutaneous immunoglobulins", "subcutaneous immune globulin"),
    _t("prednisone", "", (_STEROIDS,), perhaps=("prednisolone",)),
    _t("prednisolone", "", (_STEROIDS,), perhaps=("prednisone",)),
    _t("methylprednisolone", "", (_STEROIDS,), "methyl prednisolone", "methylpred", "IVMP"),
    _t("dexamethasone", "", (_STEROIDS,), "dexamethazone"),
    _t("hydrocortisone", "", (_STEROIDS,)),
    _t("cortisone", "", (_STEROIDS,), is_broad=True),
    _t("betamethasone", "", (_STEROIDS,)),
    _t("deflazacort", "", (_STEROIDS,)),
    _t("azathioprine", "", (_SUPPRESSANTS,), "AZA", perhaps=("mercaptopurine",)),
    _t("methotrexate", "", (_SUPPRESSANTS,), "methotrexat", "MTX"),
    _t("mycophenolate", "", (_SUPPRESSANTS,), "mycophenolate mofetil", "mycophenolic acid", "MMF"),
    _t("ciclosporin", "", (_SUPPRESSANTS,), "cyclosporine", "cyclosporin", "ciclosporine", "cyclosporine A",
       "ciclosporin A", "cyclosporin A", "CsA"),
    _t("tacrolimus", "", (_SUPPRESSANTS,), "FK506"),
    _t("sirolimus", "", (_SUPPRESSANTS,), "rapamycin"),
    _t("cyclophosphamide", "", (_SUPPRESSANTS,), "cyclophosphamid", "CYC"),
    _t("mercaptopurine", "", (_SUPPRESSANTS,), "6-mercaptopurine", "6-MP", perhaps=("azathioprine",)),
    _t("leflunomide", "", (_SUPPRESSANTS,)),
    _t("antithymocyte_globulin", "antithymocyte globulin", (_SUPPRESSANTS,), "anti-thymocyte globulin", "ATG",
       "antilymphocyte globulin", "anti-thymocyte immunoglobulin", "antithymocyte immunoglobulin"),
    _t("rituximab", "", (_ANTI_CD20,), "RTX", perhaps=(_SUPPRESSANTS, _DMT)),
    _t("ocrelizumab", "", (_ANTI_CD20, _DMT), perhaps=(_SUPPRESSANTS,)),
    _t("ofatumumab", "", (_ANTI_CD20, _DMT), perhaps=(_SUPPRESSANTS,)),
    _t("obinutuzumab", "", (_ANTI_CD20,), perhaps=(_SUPPRESSANTS,)),
    _t("pyridostigmine", "", (_CHOLINESTERASE,), "pyridostigmine bromide"),
    _t("neostigmine", "", (_CHOLINESTERASE,)),
    _t("diazepam", "", (_BENZODIAZEPINE,)),
    _t("clonazepam", "", (_BENZODIAZEPINE,)),
    _t("lorazepam", "", (_BENZODIAZEPINE,)),
    _t("clobazam", "", (_BENZODIAZEPINE, _ANTISEIZURE)),
    _t("midazolam", "", (_BENZODIAZEPINE,)),
    _t("eltrombopag", "", (_TPO,)),
    _t("romiplostim", "", (_TPO,)),
    _t("avatrombopag", "", (_TPO,)),
    _t("efgartigimod", "", (_FCRN,), "efgartigimod alfa"),
    _t("rozanolixizumab", "", (_FCRN,)),
    _t("eculizumab", "", (_COMPLEMENT,), perhaps=(_SUPPRESSANTS,)),
    _t("ravulizumab", "", (_COMPLEMENT,), perhaps=(_SUPPRESSANTS,)),
    _t("zilucoplan", "", (_COMPLEMENT,), perhaps=(_SUPPRESSANTS,)),
    _t("tocilizumab", "", (_IL6,), perhaps=(_SUPPRESSANTS,)),
    _t("satralizumab", "", (_IL6,), perhaps=(_SUPPRESSANTS,)),
    _t("gabapentin", "", (_ANTISEIZURE,), fact="prior_gabapentin"),
    _t("pregabalin", "", (_ANTISEIZURE,)),
    _t("levetiracetam", "", (_ANTISEIZURE,)),
    _t("carbamazepine", "", (_ANTISEIZURE,)),
    _t("phenytoin", "", (_ANTISEIZURE,)),
    _t("valproate", "", (_ANTISEIZURE,), "valproic acid", "sodium valproate"),
    _t("natalizumab", "", (_DMT,), perhaps=(_SUPPRESSANTS,)),
    _t("glatiramer", "", (_DMT,), "glatiramer acetate"),
    _t("interferon_beta", "interferon beta", (_DMT,), "beta interferon", "interferon beta 1a", "interferon beta 1b"),
    _t("fingolimod", "", (_DMT,), perhaps=(_SUPPRESSANTS,)),
    _t("dimethyl_fumarate", "dimethyl fumarate", (_DMT,)),
    _t("teriflunomide", "", (_DMT,), perhaps=(_SUPPRESSANTS,)),
    _t("cladribine", "", (_DMT,), perhaps=(_SUPPRESSANTS,)),
    _t("alemtuzumab", "", (_DMT,), perhaps=(_SUPPRESSANTS,)),
)  # fmt: skip
_ALONE = (
    _t("plasma_exchange", "plasma exchange", (), "plasma exchanges", "PLEX", "TPE", "therapeutic plasma exchange",
       "plasmapheresis", "plasmaphereses", "PEX", fact="prior_plasma_exchange"),
    _t("immunoadsorption", "", (), "immune adsorption"),
    _t("baclofen", "", (), fact="prior_baclofen"),
    _t("tizanidine"),
    _t("dantrolene"),
    _t("amifampridine", "", (), "3,4-diaminopyridine", "diaminopyridine", "3,4-DAP"),
    _t("anti_d", "anti-D immunoglobulin", (), "anti-D", "anti-D Ig", "anti-D immune globulin", "Rho(D) immunoglobulin",
       "Rho(D) immune globulin", "RhoD immune globulin", "RhD immunoglobulin", "anti-Rh(D) immunoglobulin"),
    _t("danazol"),
    _t("dapsone"),
    _t("fostamatinib"),
    _t("vincristine", perhaps=(_SUPPRESSANTS,)),
    _t("hydroxychloroquine", perhaps=(_SUPPRESSANTS,)),
    _t("sulfasalazine", "", (), "sulphasalazine", perhaps=(_SUPPRESSANTS,)),
    _t("infliximab", perhaps=(_SUPPRESSANTS,)),
    _t("anakinra", perhaps=(_SUPPRESSANTS,)),
    _t("splenectomy"),
    _t("thymectomy"),
)  # fmt: skip

THERAPIES = vocabulary((*_CLASSES, *_OF_CLASSES, *_ALONE))
"""The vocabulary of the second edition."""
